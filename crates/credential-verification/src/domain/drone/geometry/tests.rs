use serde_json::json;

use super::*;

/// About 1.77 km by 2.22 km near Hwaseong (fictitious permit).
fn square() -> Value {
    json!({"type": "Polygon", "coordinates": [[
        [126.80, 37.20], [126.82, 37.20], [126.82, 37.22], [126.80, 37.22], [126.80, 37.20]
    ]]})
}

fn with_hole() -> Value {
    json!({"type": "Polygon", "coordinates": [
        [[126.80, 37.20], [126.82, 37.20], [126.82, 37.22], [126.80, 37.22], [126.80, 37.20]],
        [[126.808, 37.208], [126.812, 37.208], [126.812, 37.212], [126.808, 37.212], [126.808, 37.208]]
    ]})
}

fn locate(figure: &Value, lon: f64, lat: f64, accuracy: f64) -> Place {
    Area::parse(figure).unwrap().locate(&Position::new(lon, lat, accuracy).unwrap())
}

fn refused(figure: Value) -> AreaError {
    Area::parse(&figure).unwrap_err()
}

#[test]
fn inside_outside_and_in_between() {
    assert_eq!(locate(&square(), 126.81, 37.21, 5.0), Place::Inside);
    assert_eq!(locate(&square(), 126.83, 37.21, 5.0), Place::Outside);
    // 0.0001 degrees of latitude are about 11.1 m.
    assert_eq!(locate(&square(), 126.81, 37.2001, 5.0), Place::Inside);
    assert_eq!(locate(&square(), 126.81, 37.2001, 15.0), Place::Uncertain);
    assert_eq!(locate(&square(), 126.81, 37.1999, 15.0), Place::Uncertain);
    assert_eq!(locate(&square(), 126.81, 37.1999, 5.0), Place::Outside);
}

#[test]
fn the_boundary_is_inside() {
    for (lon, lat) in [(126.81, 37.20), (126.80, 37.21), (126.80, 37.20), (126.82, 37.22)] {
        assert_eq!(locate(&square(), lon, lat, 0.0), Place::Inside, "{lon} {lat}");
        assert_eq!(locate(&square(), lon, lat, 1.0), Place::Uncertain, "{lon} {lat}");
    }
}

#[test]
fn a_hole_is_outside() {
    assert_eq!(locate(&with_hole(), 126.81, 37.21, 5.0), Place::Outside);
    assert_eq!(locate(&with_hole(), 126.804, 37.21, 5.0), Place::Inside);
    assert_eq!(locate(&with_hole(), 126.808, 37.21, 0.0), Place::Inside);
    assert_eq!(locate(&with_hole(), 126.80801, 37.21, 5.0), Place::Uncertain);
}

#[test]
fn rings_may_turn_either_way() {
    let mut figure = square();
    figure["coordinates"][0].as_array_mut().unwrap().reverse();
    assert_eq!(locate(&figure, 126.81, 37.21, 5.0), Place::Inside);
    assert_eq!(locate(&figure, 126.83, 37.21, 5.0), Place::Outside);
}

#[test]
fn several_parts() {
    let figure = json!({"type": "MultiPolygon", "coordinates": [
        [[[126.80, 37.20], [126.81, 37.20], [126.81, 37.21], [126.80, 37.21], [126.80, 37.20]]],
        [[[126.90, 37.20], [126.91, 37.20], [126.91, 37.21], [126.90, 37.21], [126.90, 37.20]]]
    ]});
    assert_eq!(locate(&figure, 126.805, 37.205, 5.0), Place::Inside);
    assert_eq!(locate(&figure, 126.905, 37.205, 5.0), Place::Inside);
    assert_eq!(locate(&figure, 126.85, 37.205, 5.0), Place::Outside);
}

#[test]
fn circles_by_geodesic_distance() {
    let circle = json!({"center": [126.81, 37.21], "radiusM": 500});
    assert_eq!(locate(&circle, 126.81, 37.21, 5.0), Place::Inside);
    // 0.0045 degrees of latitude are about 499.4 m.
    assert_eq!(locate(&circle, 126.81, 37.2145, 0.0), Place::Inside);
    assert_eq!(locate(&circle, 126.81, 37.2145, 5.0), Place::Uncertain);
    assert_eq!(locate(&circle, 126.81, 37.2146, 5.0), Place::Outside);
    // The same angle in longitude is shorter: about 399 m.
    assert_eq!(locate(&circle, 126.8145, 37.21, 50.0), Place::Inside);
    let nested = json!({"circle": {"center": {"lon": 126.81, "lat": 37.21}, "radiusM": "500"}});
    assert_eq!(locate(&nested, 126.81, 37.21, 5.0), Place::Inside);
}

#[test]
fn swapped_coordinates_are_refused() {
    assert_eq!(Position::new(37.5, 126.9, 5.0), Err(PositionError::NotOnEarth));
    let mut figure = square();
    for pair in figure["coordinates"][0].as_array_mut().unwrap() {
        pair.as_array_mut().unwrap().reverse();
    }
    assert_eq!(refused(figure), AreaError::NotOnEarth);
}

#[test]
fn what_is_not_finite_is_refused() {
    for (lon, lat, accuracy) in
        [(f64::NAN, 37.2, 5.0), (126.8, f64::INFINITY, 5.0), (f64::NEG_INFINITY, 37.2, 5.0)]
    {
        assert_eq!(Position::new(lon, lat, accuracy), Err(PositionError::NotOnEarth));
    }
    for accuracy in [f64::NAN, f64::INFINITY, -1.0, 20_000.0] {
        assert_eq!(Position::new(126.8, 37.2, accuracy), Err(PositionError::Accuracy));
    }
    let mut figure = square();
    figure["coordinates"][0][1][0] = json!("NaN");
    assert_eq!(refused(figure), AreaError::NotOnEarth);
}

#[test]
fn a_million_vertices_are_refused_before_any_work() {
    let ring: Vec<Value> = (0..1_000_000).map(|_| json!([126.8, 37.2])).collect();
    assert_eq!(
        refused(json!({"type": "Polygon", "coordinates": [ring]})),
        AreaError::TooManyVertices
    );
}

#[test]
fn figures_that_are_not_simple_are_refused() {
    let bow_tie = json!({"type": "Polygon", "coordinates": [[
        [126.80, 37.20], [126.82, 37.22], [126.82, 37.20], [126.80, 37.22], [126.80, 37.20]
    ]]});
    assert!(matches!(refused(bow_tie), AreaError::NotSimple(_)));
    // Touches itself in one point.
    let pinched = json!({"type": "Polygon", "coordinates": [[
        [126.80, 37.20], [126.81, 37.21], [126.82, 37.20], [126.82, 37.22],
        [126.81, 37.21], [126.80, 37.22], [126.80, 37.20]
    ]]});
    assert!(matches!(refused(pinched), AreaError::NotSimple(_)));
    let flat = json!({"type": "Polygon", "coordinates": [[
        [126.80, 37.20], [126.80, 37.20], [126.80, 37.20], [126.80, 37.20]
    ]]});
    assert!(matches!(refused(flat), AreaError::NotSimple(_)));
}

#[test]
fn malformed_figures_are_refused() {
    assert_eq!(refused(json!(null)), AreaError::Kind);
    assert_eq!(refused(json!({"type": "Point", "coordinates": [126.8, 37.2]})), AreaError::Kind);
    assert_eq!(refused(json!({"type": "MultiPolygon", "coordinates": []})), AreaError::Kind);
    assert_eq!(refused(json!({"type": "Polygon", "coordinates": []})), AreaError::Ring);
    let open = json!({"type": "Polygon", "coordinates": [[[126.8, 37.2], [126.82, 37.2], [126.82, 37.22], [126.8, 37.22]]]});
    assert_eq!(refused(open), AreaError::Ring);
    let across = json!({"type": "Polygon", "coordinates": [[[179.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [179.0, 0.0]]]});
    assert_eq!(refused(across), AreaError::Antimeridian);
    assert_eq!(refused(json!({"center": [126.8, 37.2], "radiusM": 0})), AreaError::Radius);
    assert_eq!(refused(json!({"center": [126.8, 37.2]})), AreaError::Radius);
    assert_eq!(refused(json!({"center": [37.2, 126.8], "radiusM": 5})), AreaError::NotOnEarth);
}
