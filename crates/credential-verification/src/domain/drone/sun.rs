//! Where the sun stands. Formulas: NOAA Global Monitoring Laboratory, "General Solar Position
//! Calculations" and its spreadsheet (after J. Meeus, Astronomical Algorithms); good to about
//! a minute of sunset at Korean latitudes.
use credential_model::moment::Moment;

/// Centre of the sun at sunset: 34' refraction and 16' radius below the horizon.
const HORIZON_DEGREES: f64 = -0.833;

/// True when the sun is below the horizon (between sunset and sunrise).
pub fn is_down(moment: Moment, latitude: f64, longitude: f64) -> bool {
    elevation(moment, latitude, longitude) < HORIZON_DEGREES
}

/// Geometric elevation of the sun's centre in degrees.
pub fn elevation(moment: Moment, latitude: f64, longitude: f64) -> f64 {
    // Unix seconds to Julian centuries since J2000.0.
    #[allow(clippy::cast_precision_loss)] // dates of this millennium fit an f64 exactly
    let seconds = moment.unix() as f64;
    let centuries = (seconds / 86_400.0 + 2_440_587.5 - 2_451_545.0) / 36_525.0;

    let mean_longitude =
        (280.466_46 + centuries * (36_000.769_83 + centuries * 0.000_303_2)).rem_euclid(360.0);
    let mean_anomaly =
        (357.529_11 + centuries * (35_999.050_29 - 0.000_153_7 * centuries)).to_radians();
    let eccentricity = 0.016_708_634 - centuries * (0.000_042_037 + 0.000_000_126_7 * centuries);
    let centre = mean_anomaly.sin() * (1.914_602 - centuries * (0.004_817 + 0.000_014 * centuries))
        + (2.0 * mean_anomaly).sin() * (0.019_993 - 0.000_101 * centuries)
        + (3.0 * mean_anomaly).sin() * 0.000_289;
    let node = (125.04 - 1_934.136 * centuries).to_radians();
    let apparent = (mean_longitude + centre - 0.005_69 - 0.004_78 * node.sin()).to_radians();
    let mean_obliquity = 23.0
        + (26.0
            + (21.448 - centuries * (46.815 + centuries * (0.000_59 - centuries * 0.001_813)))
                / 60.0)
            / 60.0;
    let obliquity = (mean_obliquity + 0.002_56 * node.cos()).to_radians();
    let declination = (obliquity.sin() * apparent.sin()).asin();

    let y = (obliquity / 2.0).tan().powi(2);
    let longitude_radians = mean_longitude.to_radians();
    let equation_of_time = 4.0
        * (y * (2.0 * longitude_radians).sin() - 2.0 * eccentricity * mean_anomaly.sin()
            + 4.0 * eccentricity * y * mean_anomaly.sin() * (2.0 * longitude_radians).cos()
            - 0.5 * y * y * (4.0 * longitude_radians).sin()
            - 1.25 * eccentricity * eccentricity * (2.0 * mean_anomaly).sin())
        .to_degrees();

    let minutes_utc = seconds.rem_euclid(86_400.0) / 60.0;
    let solar_minutes = (minutes_utc + equation_of_time + 4.0 * longitude).rem_euclid(1_440.0);
    let hour_angle = (solar_minutes / 4.0 - 180.0).to_radians();
    let latitude = latitude.to_radians();
    (latitude.sin() * declination.sin() + latitude.cos() * declination.cos() * hour_angle.cos())
        .clamp(-1.0, 1.0)
        .asin()
        .to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEOUL: (f64, f64) = (37.5665, 126.978);

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn sunset(day: &str, place: (f64, f64)) -> i64 {
        // The first minute after local noon at which the sun is down.
        let noon = at(&format!("{day}T03:30:00Z"));
        (0..720)
            .map(|minute| noon.plus_seconds(minute * 60))
            .find(|moment| is_down(*moment, place.0, place.1))
            .unwrap()
            .unix()
    }

    #[test]
    fn noon_is_day_and_midnight_is_night() {
        assert!(!is_down(at("2026-05-04T03:30:00Z"), SEOUL.0, SEOUL.1));
        assert!(is_down(at("2026-05-04T15:30:00Z"), SEOUL.0, SEOUL.1));
        assert!(is_down(at("2024-02-29T15:30:00Z"), SEOUL.0, SEOUL.1));
    }

    /// Almanac facts that hold to the minute whoever computes them: on the equinox the sun sets
    /// about 12 h after it rises, and at the solstices day length in Seoul is about 14 h 46 min
    /// and 9 h 34 min.
    #[test]
    fn day_lengths_of_seoul() {
        let length = |day: &str| {
            let noon = at(&format!("{day}T03:30:00Z"));
            let step = |direction: i64| {
                (1..900)
                    .find(|minute| {
                        is_down(noon.plus_seconds(direction * minute * 60), SEOUL.0, SEOUL.1)
                    })
                    .unwrap()
            };
            step(1) + step(-1)
        };
        assert!((length("2026-06-21") - (14 * 60 + 46)).abs() <= 4, "{}", length("2026-06-21"));
        assert!((length("2026-12-22") - (9 * 60 + 34)).abs() <= 4, "{}", length("2026-12-22"));
        assert!((length("2026-03-20") - (12 * 60 + 8)).abs() <= 4, "{}", length("2026-03-20"));
    }

    #[test]
    fn the_sun_sets_later_in_the_west() {
        let seoul = sunset("2026-05-04", SEOUL);
        let five_degrees_west = sunset("2026-05-04", (SEOUL.0, SEOUL.1 - 5.0));
        assert!((five_degrees_west - seoul - 20 * 60).abs() <= 60);
    }
}
