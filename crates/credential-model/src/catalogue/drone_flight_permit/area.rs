//! The area of a permit: GeoJSON polygons or a circle, checked before anybody computes with it.

use geo::{Coord, LineString, MultiPolygon, Point, Polygon, Validation};
use serde_json::Value;

/// Most vertices of one geometry, all rings together.
pub const MAX_VERTICES: usize = 500;
/// Largest circle, metres.
const MAX_RADIUS: f64 = 100_000.0;

/// A checked area, WGS 84, longitude before latitude.
#[derive(Debug, Clone, PartialEq)]
pub enum Area {
    /// One or more polygons with holes.
    Polygons(MultiPolygon<f64>),
    /// A circle on the ellipsoid.
    Circle {
        /// Centre.
        center: Point<f64>,
        /// Radius in metres.
        radius_m: f64,
    },
}

/// Why a geometry is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AreaError {
    /// Not one of the three shapes, or members missing or of the wrong kind.
    #[error("not a Polygon, MultiPolygon or Circle")]
    Malformed,
    /// More than [`MAX_VERTICES`].
    #[error("more than {MAX_VERTICES} vertices")]
    TooManyVertices,
    /// A longitude beyond ±180 or a latitude beyond ±90 (swapped coordinates end here).
    #[error("a position outside longitude ±180, latitude ±90")]
    PositionOutOfRange,
    /// First and last position of a ring differ, or it has fewer than four positions.
    #[error("a ring that is not closed")]
    RingNotClosed,
    /// A ring crosses or touches itself, or a hole does not lie inside.
    #[error("a ring that crosses or touches itself, or a hole outside its polygon")]
    NotSimple,
    /// Crosses the antimeridian.
    #[error("crosses the antimeridian")]
    Antimeridian,
    /// A radius that is not positive or absurdly large.
    #[error("a radius outside 0 to {MAX_RADIUS} m")]
    RadiusOutOfRange,
}

impl AreaError {
    /// Stable code of the error.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "geometry_malformed",
            Self::TooManyVertices => "geometry_too_many_vertices",
            Self::PositionOutOfRange => "geometry_position_out_of_range",
            Self::RingNotClosed => "geometry_ring_not_closed",
            Self::NotSimple => "geometry_not_simple",
            Self::Antimeridian => "geometry_antimeridian",
            Self::RadiusOutOfRange => "geometry_radius_out_of_range",
        }
    }
}

impl Area {
    /// Reads a `Polygon` or `MultiPolygon` of RFC 7946 or our `Circle`.
    ///
    /// Either winding is read (RFC 7946 §3.1.6). Positions have two numbers: heights are
    /// the volume's matter.
    ///
    /// # Errors
    /// [`AreaError`].
    pub fn parse(geometry: &Value) -> Result<Self, AreaError> {
        let members = geometry.as_object().ok_or(AreaError::Malformed)?;
        let exactly = |names: &[&str]| {
            members.len() == names.len() && names.iter().all(|name| members.contains_key(*name))
        };
        match geometry.get("type").and_then(Value::as_str) {
            Some("Polygon") if exactly(&["type", "coordinates"]) => {
                polygons(&[&geometry["coordinates"]])
            }
            Some("MultiPolygon") if exactly(&["type", "coordinates"]) => {
                let parts = geometry["coordinates"].as_array().ok_or(AreaError::Malformed)?;
                polygons(&parts.iter().collect::<Vec<_>>())
            }
            Some("Circle") if exactly(&["type", "center", "radiusM"]) => {
                let center = position(&geometry["center"])?;
                let radius_m = geometry["radiusM"].as_f64().ok_or(AreaError::Malformed)?;
                if radius_m > 0.0 && radius_m <= MAX_RADIUS {
                    Ok(Self::Circle { center: Point(center), radius_m })
                } else {
                    Err(AreaError::RadiusOutOfRange)
                }
            }
            _ => Err(AreaError::Malformed),
        }
    }
}

fn polygons(parts: &[&Value]) -> Result<Area, AreaError> {
    if parts.is_empty() {
        return Err(AreaError::Malformed);
    }
    // Count first: the costly checks only ever see a bounded number of vertices.
    let mut vertices = 0usize;
    for part in parts {
        for ring in part.as_array().ok_or(AreaError::Malformed)? {
            vertices += ring.as_array().ok_or(AreaError::Malformed)?.len();
            if vertices > MAX_VERTICES {
                return Err(AreaError::TooManyVertices);
            }
        }
    }
    let polygons = parts.iter().map(|part| polygon(part)).collect::<Result<Vec<_>, _>>()?;
    let area = MultiPolygon(polygons);
    if area.is_valid() { Ok(Area::Polygons(area)) } else { Err(AreaError::NotSimple) }
}

fn polygon(part: &Value) -> Result<Polygon<f64>, AreaError> {
    let mut rings = part
        .as_array()
        .ok_or(AreaError::Malformed)?
        .iter()
        .map(ring)
        .collect::<Result<Vec<_>, _>>()?
        .into_iter();
    let exterior = rings.next().ok_or(AreaError::Malformed)?;
    Ok(Polygon::new(exterior, rings.collect()))
}

fn ring(ring: &Value) -> Result<LineString<f64>, AreaError> {
    let positions = ring
        .as_array()
        .ok_or(AreaError::Malformed)?
        .iter()
        .map(position)
        .collect::<Result<Vec<_>, _>>()?;
    if positions.len() < 4 || positions.first() != positions.last() {
        return Err(AreaError::RingNotClosed);
    }
    if positions.windows(2).any(|pair| (pair[0].x - pair[1].x).abs() > 180.0) {
        return Err(AreaError::Antimeridian);
    }
    // A vertex visited twice touches the ring, which geo's check lets pass.
    let mut seen: Vec<(u64, u64)> =
        positions[1..].iter().map(|p| (p.x.to_bits(), p.y.to_bits())).collect();
    seen.sort_unstable();
    if seen.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(AreaError::NotSimple);
    }
    Ok(LineString(positions))
}

fn position(value: &Value) -> Result<Coord<f64>, AreaError> {
    let Some([x, y]) = value.as_array().map(Vec::as_slice) else {
        return Err(AreaError::Malformed);
    };
    let (x, y) = (x.as_f64().ok_or(AreaError::Malformed)?, y.as_f64().ok_or(AreaError::Malformed)?);
    if (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y) {
        // No negative zero: equal positions have equal bits.
        Ok(Coord { x: x + 0.0, y: y + 0.0 })
    } else {
        Err(AreaError::PositionOutOfRange)
    }
}
