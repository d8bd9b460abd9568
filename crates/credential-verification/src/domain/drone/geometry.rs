//! The permitted figure on the ground, and where a measured position lies against it.
//!
//! Polygons are GeoJSON (RFC 7946: straight lines in longitude/latitude, WGS 84); containment is
//! decided in those coordinates with exact predicates, distances to the boundary in a local
//! plane around the position. Circles use geodesic (Karney) distance.
use geo::{
    Coord, CoordinatePosition, Distance, Geodesic, LineString, MultiPolygon, Point, Polygon,
    Validation, coordinate_position::CoordPos,
};
use serde_json::Value;

use crate::domain::number;

/// More vertices than this are refused before any geometry is built.
pub const MAX_VERTICES: usize = 500;
/// An accuracy beyond this says nothing about a flight area.
const MAX_ACCURACY_M: f64 = 10_000.0;
const MAX_RADIUS_M: f64 = 200_000.0;

/// A measured position: finite, on Earth, with a usable accuracy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    lon: f64,
    lat: f64,
    accuracy_m: f64,
}

/// Why a position is useless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PositionError {
    /// None was given.
    #[error("no position was given")]
    Missing,
    /// Not finite, or no place on Earth (longitude and latitude swapped?).
    #[error("the position is no place on Earth; longitude and latitude may be swapped")]
    NotOnEarth,
    /// No accuracy, or not between 0 and 10 km.
    #[error("the accuracy is missing or not between 0 and 10,000 m")]
    Accuracy,
}

impl Position {
    /// Checks and takes a position; degrees and metres.
    ///
    /// # Errors
    /// [`PositionError`] for anything not finite, not on Earth or without usable accuracy.
    pub fn new(lon: f64, lat: f64, accuracy_m: f64) -> Result<Self, PositionError> {
        if !on_earth(lon, lat) {
            return Err(PositionError::NotOnEarth);
        }
        if !accuracy_m.is_finite() || !(0.0..=MAX_ACCURACY_M).contains(&accuracy_m) {
            return Err(PositionError::Accuracy);
        }
        Ok(Position { lon, lat, accuracy_m })
    }

    /// Degrees east.
    pub const fn longitude(&self) -> f64 {
        self.lon
    }

    /// Degrees north.
    pub const fn latitude(&self) -> f64 {
        self.lat
    }
}

/// Where the position lies against the figure, accuracy included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Inside even if the position errs by its whole accuracy.
    Inside,
    /// Outside even if the position errs by its whole accuracy.
    Outside,
    /// The accuracy does not decide.
    Uncertain,
}

/// The permitted figure.
#[derive(Debug, Clone)]
pub enum Area {
    /// Polygon or multipolygon; holes are forbidden ground.
    Polygons(MultiPolygon<f64>),
    /// Circle on the ellipsoid.
    Circle {
        /// Centre.
        centre: Point<f64>,
        /// Radius, metres.
        radius_m: f64,
    },
}

/// Why a figure was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AreaError {
    /// Neither polygon, multipolygon nor circle.
    #[error("the figure is neither a Polygon, a MultiPolygon nor a circle")]
    Kind,
    /// More than [`MAX_VERTICES`].
    #[error("the figure has more than 500 vertices")]
    TooManyVertices,
    /// A coordinate is no place on Earth.
    #[error("a coordinate is no place on Earth; longitude and latitude may be swapped")]
    NotOnEarth,
    /// A ring is not closed or has fewer than four positions.
    #[error("a ring is not closed or has fewer than four positions")]
    Ring,
    /// An edge crosses the antimeridian.
    #[error("an edge crosses the antimeridian")]
    Antimeridian,
    /// The figure crosses or touches itself, has no area, or its parts overlap.
    #[error("the figure is not simple: {0}")]
    NotSimple(String),
    /// Radius missing, not positive or beyond 200 km.
    #[error("the radius is not between 0 and 200,000 m")]
    Radius,
}

impl Area {
    /// Reads a GeoJSON Polygon or MultiPolygon, or a circle
    /// (`{"center":[lon,lat],"radiusM":…}`, also under a member `circle`).
    ///
    /// # Errors
    /// [`AreaError`]; the vertex count is checked before anything is built.
    pub fn parse(geometry: &Value) -> Result<Self, AreaError> {
        let circle = geometry.get("circle").unwrap_or(geometry);
        if circle.get("radiusM").is_some() || circle.get("center").is_some() {
            return parse_circle(circle);
        }
        let coordinates = geometry.get("coordinates").and_then(Value::as_array);
        let parts: Vec<&Vec<Value>> =
            match (geometry.get("type").and_then(Value::as_str), coordinates) {
                (Some("Polygon"), Some(rings)) => vec![rings],
                (Some("MultiPolygon"), Some(parts)) => {
                    if parts.is_empty() || parts.len() > MAX_VERTICES {
                        return Err(AreaError::Kind);
                    }
                    parts
                        .iter()
                        .map(|part| part.as_array().ok_or(AreaError::Kind))
                        .collect::<Result<_, _>>()?
                }
                _ => return Err(AreaError::Kind),
            };
        let vertices: usize = parts
            .iter()
            .flat_map(|rings| rings.iter())
            .map(|ring| ring.as_array().map_or(0, Vec::len))
            .sum();
        if vertices > MAX_VERTICES {
            return Err(AreaError::TooManyVertices);
        }
        let polygons =
            parts.into_iter().map(|rings| polygon(rings)).collect::<Result<Vec<_>, _>>()?;
        let polygons = MultiPolygon::new(polygons);
        polygons.check_validation().map_err(|error| AreaError::NotSimple(error.to_string()))?;
        Ok(Area::Polygons(polygons))
    }

    /// Where the position lies: the boundary itself counts as inside.
    pub fn locate(&self, position: &Position) -> Place {
        match self {
            Area::Circle { centre, radius_m } => {
                let here = Point::new(position.lon, position.lat);
                let distance = Geodesic.distance(*centre, here);
                if distance + position.accuracy_m <= *radius_m {
                    Place::Inside
                } else if distance - position.accuracy_m > *radius_m {
                    Place::Outside
                } else {
                    Place::Uncertain
                }
            }
            Area::Polygons(polygons) => {
                let here = Coord { x: position.lon, y: position.lat };
                let inside = match polygons.coordinate_position(&here) {
                    CoordPos::OnBoundary if position.accuracy_m == 0.0 => return Place::Inside,
                    CoordPos::OnBoundary => return Place::Uncertain,
                    CoordPos::Inside => true,
                    CoordPos::Outside => false,
                };
                let margin = distance_to_boundary(polygons, position);
                match inside {
                    true if margin >= position.accuracy_m => Place::Inside,
                    false if margin > position.accuracy_m => Place::Outside,
                    _ => Place::Uncertain,
                }
            }
        }
    }
}

fn parse_circle(circle: &Value) -> Result<Area, AreaError> {
    let centre = circle.get("center").ok_or(AreaError::Kind)?;
    let (lon, lat) = match centre {
        Value::Array(pair) => (number(pair.first()), number(pair.get(1))),
        Value::Object(_) => (
            number(centre.get("lon").or_else(|| centre.get("longitude"))),
            number(centre.get("lat").or_else(|| centre.get("latitude"))),
        ),
        _ => return Err(AreaError::Kind),
    };
    let (Some(lon), Some(lat)) = (lon, lat) else { return Err(AreaError::NotOnEarth) };
    if !on_earth(lon, lat) {
        return Err(AreaError::NotOnEarth);
    }
    let radius_m = number(circle.get("radiusM")).ok_or(AreaError::Radius)?;
    if radius_m <= 0.0 || radius_m > MAX_RADIUS_M {
        return Err(AreaError::Radius);
    }
    Ok(Area::Circle { centre: Point::new(lon, lat), radius_m })
}

fn polygon(rings: &[Value]) -> Result<Polygon<f64>, AreaError> {
    let mut rings = rings.iter().map(ring);
    let exterior = rings.next().ok_or(AreaError::Ring)??;
    Ok(Polygon::new(exterior, rings.collect::<Result<_, _>>()?))
}

/// A closed ring; either direction of turning is taken (RFC 7946 § 3.1.6 asks parsers for that).
fn ring(value: &Value) -> Result<LineString<f64>, AreaError> {
    let positions = value.as_array().ok_or(AreaError::Ring)?;
    let coordinates = positions.iter().map(coordinate).collect::<Result<Vec<_>, _>>()?;
    if coordinates.len() < 4 || coordinates.first() != coordinates.last() {
        return Err(AreaError::Ring);
    }
    if coordinates.windows(2).any(|edge| (edge[0].x - edge[1].x).abs() > 180.0) {
        return Err(AreaError::Antimeridian);
    }
    Ok(LineString::new(coordinates))
}

fn coordinate(value: &Value) -> Result<Coord<f64>, AreaError> {
    let pair =
        value.as_array().filter(|pair| (2..=3).contains(&pair.len())).ok_or(AreaError::Ring)?;
    match (number(pair.first()), number(pair.get(1))) {
        (Some(x), Some(y)) if on_earth(x, y) => Ok(Coord { x, y }),
        _ => Err(AreaError::NotOnEarth),
    }
}

fn on_earth(lon: f64, lat: f64) -> bool {
    lon.is_finite()
        && lat.is_finite()
        && (-180.0..=180.0).contains(&lon)
        && (-90.0..=90.0).contains(&lat)
}

/// Least distance in metres from the position to any edge.
///
/// Longitude and latitude are scaled to metres with the ellipsoid's radii of curvature at the
/// position. The map is linear, so straight edges stay straight; what matters is the
/// neighbourhood of the position (accuracies of metres), where it errs by less than 1 in 5,000.
fn distance_to_boundary(polygons: &MultiPolygon<f64>, position: &Position) -> f64 {
    /// WGS 84 semi-major axis and first eccentricity squared.
    const A: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_141_316;
    let latitude = position.lat.to_radians();
    let root = (1.0 - E2 * latitude.sin().powi(2)).sqrt();
    let per_degree_lon = (A / root * latitude.cos()).to_radians();
    let per_degree_lat = (A * (1.0 - E2) / root.powi(3)).to_radians();
    let local = |point: Coord<f64>| {
        ((point.x - position.lon) * per_degree_lon, (point.y - position.lat) * per_degree_lat)
    };
    let rings =
        polygons.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    rings
        .flat_map(LineString::lines)
        .map(|edge| distance_from_origin(local(edge.start), local(edge.end)))
        .fold(f64::INFINITY, f64::min)
}

fn distance_from_origin(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length_squared = dx * dx + dy * dy;
    let along = if length_squared == 0.0 {
        0.0
    } else {
        (-(from.0 * dx + from.1 * dy) / length_squared).clamp(0.0, 1.0)
    };
    (from.0 + along * dx).hypot(from.1 + along * dy)
}

#[cfg(test)]
mod tests;
