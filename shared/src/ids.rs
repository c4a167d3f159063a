//! Randomness, and the ids made of it. This file is the only caller of the machine's random source.

use ulid::Ulid;

use crate::{
    clock::Clock,
    error::{Error, Result},
};

/// A source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes`; [`ErrorKind::Unexpected`](crate::error::ErrorKind) when the source fails.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// The machine's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        getrandom::fill(bytes).map_err(|source| Error::unexpected("No randomness could be had.").with_source(source))
    }
}

/// 128 random bits as 32 lower-case hex digits, for a signature nonce or to know a write again.
pub fn nonce(random: &dyn Random) -> Result<String> {
    Ok(format!("{:032x}", random_u128(random)?))
}

/// A random fraction, at least 0 and less than 1, for jitter.
pub fn fraction(random: &dyn Random) -> Result<f64> {
    let mut bytes = [0; 4];
    random.fill(&mut bytes)?;
    Ok(f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0))
}

/// A new id of ours, a ULID.
pub fn new_id<T: TryFrom<String, Error = Error>>(clock: &dyn Clock, random: &dyn Random) -> Result<T> {
    let time_ms = u64::try_from(clock.now_ms()).unwrap_or_default();
    Ulid::from_parts(time_ms, random_u128(random)?).to_string().try_into()
}

fn random_u128(random: &dyn Random) -> Result<u128> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}
