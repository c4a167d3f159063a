//! Whole numbers in JSON, as JSON Schema counts them: `3.0` is one.

use serde_json::Value;

/// The largest whole number that a JSON number without a fraction certainly is.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

/// The whole number of a JSON value.
pub(super) fn whole_number(value: &Value) -> Option<i64> {
    let is_whole = |number: &f64| number.fract() == 0.0 && number.abs() <= MAX_WHOLE;
    value.as_i64().or_else(|| value.as_f64().filter(is_whole).map(|whole| whole as i64))
}
