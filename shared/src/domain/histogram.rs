//! Durations counted in logarithmic buckets, so that counts of days and accounts can be added and their percentiles are
//! still known.

use std::collections::BTreeMap;

/// The buckets between a duration and its double.
const STEPS: u32 = 8;

/// 2^63 · 2^(k/8) for k = 1 … 7, rounded to the nearest.
const STEP_LIMITS: [u64; 7] = [
    10_058_158_527_438_640_871,
    10_968_499_650_544_839_023,
    11_961_233_684_655_323_370,
    13_043_817_825_332_782_212,
    14_224_384_202_002_324_189,
    15_511_800_964_685_064_948,
    16_915_738_899_553_466_671,
];

/// Durations in milliseconds. Bucket 0 has those below 1 ms, bucket k + 1 those from 2^(k/8) ms to below 2^((k+1)/8)
/// ms.
///
/// A percentile is given as the middle of its bucket, so it differs by at most 4.5 % (2^(1/16)), and by half a
/// millisecond of rounding, from the duration that was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram(BTreeMap<u16, u64>);

impl Histogram {
    /// The bucket of a duration; a negative one counts as 0.
    pub fn bucket(duration_ms: i64) -> u16 {
        let Some(ms) = u64::try_from(duration_ms).ok().filter(|ms| *ms > 0) else { return 0 };
        let octave = u64::BITS - 1 - ms.leading_zeros();
        let mantissa = ms << ms.leading_zeros();
        let step = STEP_LIMITS.iter().take_while(|limit| mantissa >= **limit).count();
        // At most 63 · 8 + 7 + 1.
        u16::try_from(octave * STEPS + 1).unwrap_or(u16::MAX).saturating_add(u16::try_from(step).unwrap_or(u16::MAX))
    }

    /// Adds so many durations of a bucket.
    pub fn add(&mut self, bucket: u16, count: u64) {
        if count > 0 {
            *self.0.entry(bucket).or_default() += count;
        }
    }

    /// Adds the durations of another one.
    pub fn merge(&mut self, other: &Histogram) {
        other.0.iter().for_each(|(bucket, count)| self.add(*bucket, *count));
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The least counted duration that is not below `percent` percent of them (nearest rank), within the error of its
    /// bucket, milliseconds. `None` without any.
    pub fn percentile(&self, percent: u64) -> Option<i64> {
        let rank = (self.count() * percent.min(100)).div_ceil(100).max(1);
        let mut counted = 0;
        let bucket = self.0.iter().find_map(|(bucket, count)| {
            counted += count;
            (counted >= rank).then_some(*bucket)
        })?;
        Some(middle_ms(bucket))
    }
}

/// The middle of a bucket by its logarithm, milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "the bucket of the longest duration has its middle in the range")]
fn middle_ms(bucket: u16) -> i64 {
    match bucket.checked_sub(1) {
        None => 0,
        Some(index) => ((f64::from(index) + 0.5) / f64::from(STEPS)).exp2().round() as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_an_eighth_of_an_octave() {
        assert_eq!([-5, 0, 1, 2, 4, 1024].map(Histogram::bucket), [0, 0, 1, 9, 17, 81]);
        for (exponent, limit) in (1..).zip(STEP_LIMITS) {
            let exact = (63.0 + f64::from(exponent) / 8.0).exp2();
            #[expect(clippy::cast_precision_loss, reason = "compared within the precision")]
            let found = limit as f64;
            assert!((found / exact - 1.0).abs() < 1e-15, "{exponent}");
        }
        assert_eq!(Histogram::bucket(i64::MAX), 63 * 8);
    }

    #[test]
    fn a_percentile_is_within_the_documented_error() {
        let mut ms = 1_i64;
        while ms < 400 * 24 * 60 * 60 * 1000 {
            let mut histogram = Histogram::default();
            histogram.add(Histogram::bucket(ms), 1);
            let found = histogram.percentile(50).unwrap();
            #[expect(clippy::cast_precision_loss, reason = "durations of years fit")]
            let (found, exact) = (found as f64, ms as f64);
            assert!((found - exact).abs() <= exact * 0.045 + 0.5, "{ms}: {found}");
            ms += 1 + ms / 7;
        }
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_durations() {
        let seconds = |from: i64, to: i64| {
            let mut histogram = Histogram::default();
            (from..=to).for_each(|second| histogram.add(Histogram::bucket(second * 1000), 1));
            histogram
        };
        let (mut left, right) = (seconds(1, 60), seconds(61, 100));
        left.merge(&right);
        assert_eq!(left, seconds(1, 100));
        assert_eq!(left.count(), 100);
        for (percent, second) in [(50, 50), (90, 90), (100, 100), (1, 1), (0, 1)] {
            assert_eq!(left.percentile(percent), Some(middle_ms(Histogram::bucket(second * 1000))), "{percent}");
        }
        assert_eq!((Histogram::default().percentile(50), Histogram::default().count()), (None, 0));
    }
}
