//! How much one key or one address may ask for: a bucket that fills steadily and is drawn from by each request.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A bucket's size and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Requests at once, after a rest.
    pub burst: f64,
    /// Requests a second, for ever.
    pub per_second: f64,
}

/// Limits of one server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Of one key, wherever it is used from.
    pub key: Rate,
    /// Of one address without a key. A whole office may stand behind it, and a map asks for dozens of tiles at once.
    pub address: Rate,
    /// Of a key of the team, and of an address that looks at an open map: ten times what a stranger may ask for. A screen asks for all its
    /// tiles at once, and a team may share one key.
    pub team: Rate,
    /// Of wrong keys from one address that name the same key. Others are not kept from theirs.
    pub wrong_keys: Rate,
    /// Of attempts to sign in or to enrol from one address, right or wrong. A whole office may stand behind it.
    pub attempts: Rate,
}

impl Limits {
    /// Limits for so many requests a second from one address without a key. A key may ask for four times as many: its owner is known.
    pub fn per_second(requests: f64) -> Self {
        let rate = |per_second: f64| Rate {
            burst: 5.0 * per_second,
            per_second,
        };
        Self {
            key: rate(4.0 * requests),
            address: rate(requests),
            team: rate(10.0 * requests),
            wrong_keys: Rate {
                burst: 10.0,
                per_second: 0.1,
            },
            attempts: Rate {
                burst: 60.0,
                per_second: 1.0,
            },
        }
    }
}

impl Limits {
    fn of(&self, key: &RateLimitKey) -> Rate {
        match key {
            RateLimitKey::Key(_) => self.key,
            RateLimitKey::Team(_) | RateLimitKey::Planner(_) => self.team,
            RateLimitKey::Address(_) => self.address,
            RateLimitKey::WrongKeys(..) => self.wrong_keys,
            RateLimitKey::Attempts(_) => self.attempts,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::per_second(REQUESTS_PER_SECOND)
    }
}

/// Requests a second that one address may make where nothing else is said. A map asks for dozens of tiles at once, and a whole office may
/// stand behind one address.
pub const REQUESTS_PER_SECOND: f64 = 100.0;

/// Buckets that are not full are kept up to this number, then the fullest go: at worst somebody starts afresh.
const MAX_BUCKETS: usize = 100_000;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RateLimitKey {
    /// A key, by the part of it that proves nothing.
    Key(String),
    /// A key of the team, likewise.
    Team(String),
    /// An address that looks at a map which asks for no key.
    Planner(IpAddr),
    /// An address: of IPv6 the network, since every household has billions of addresses in its own.
    Address(IpAddr),
    /// Wrong keys from an address that name the same key, by the part of it that proves nothing; without it where the text cannot be a key.
    WrongKeys(IpAddr, Option<String>),
    /// Attempts to sign in or to enrol from an address.
    Attempts(IpAddr),
}

impl RateLimitKey {
    /// The bucket of an address.
    pub fn address(ip: IpAddr) -> Self {
        Self::Address(network(ip))
    }

    /// The bucket of an address that looks at an open map.
    pub fn planner(ip: IpAddr) -> Self {
        Self::Planner(network(ip))
    }

    /// The bucket for attempts to come in from an address.
    pub fn attempts(ip: IpAddr) -> Self {
        Self::Attempts(network(ip))
    }

    /// The bucket for wrong keys of an address that name the same key.
    pub fn wrong_keys(ip: IpAddr, id: Option<&str>) -> Self {
        Self::WrongKeys(network(ip), id.map(str::to_owned))
    }
}

fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let mut octets = v6.octets();
            octets[8..].fill(0);
            IpAddr::from(octets)
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// All buckets.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    buckets: Mutex<HashMap<RateLimitKey, Bucket>>,
}

impl Limiter {
    /// Full buckets for all.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            buckets: Mutex::default(),
        }
    }

    /// Draws one request, or says how long to wait for it.
    pub fn draw(&self, key: RateLimitKey, now: Instant) -> Result<(), Duration> {
        self.ask(key, now, 1.0)
    }

    /// Says how long to wait, drawing nothing.
    pub fn is_open(&self, key: RateLimitKey, now: Instant) -> Result<(), Duration> {
        self.ask(key, now, 0.0)
    }

    fn ask(&self, key: RateLimitKey, now: Instant, cost: f64) -> Result<(), Duration> {
        let limits = self.limits;
        let rate = limits.of(&key);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&key) {
            buckets.retain(|key, bucket| {
                let rate = limits.of(key);
                level(*bucket, rate, now) < rate.burst / 2.0
            });
        }
        let bucket = buckets.entry(key).or_insert(Bucket {
            left: rate.burst,
            at: now,
        });
        *bucket = Bucket {
            left: level(*bucket, rate, now),
            at: now,
        };
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) / rate.per_second));
        }
        bucket.left -= cost;
        Ok(())
    }
}

fn level(bucket: Bucket, rate: Rate, now: Instant) -> f64 {
    let rest = now.saturating_duration_since(bucket.at).as_secs_f64();
    (bucket.left + rest * rate.per_second).min(rate.burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let rate = Rate {
            burst: 3.0,
            per_second: 2.0,
        };
        let limiter = Limiter::new(Limits {
            key: rate,
            ..Limits::default()
        });
        let (now, key) = (Instant::now(), || RateLimitKey::Key("city hall".into()));
        for _ in 0..3 {
            assert!(limiter.draw(key(), now).is_ok());
        }
        assert_eq!(limiter.draw(key(), now), Err(Duration::from_millis(500)));
        assert!(limiter.draw(RateLimitKey::Key("another".into()), now).is_ok());
        assert!(limiter.draw(key(), now + Duration::from_millis(500)).is_ok());
        assert!(limiter.draw(key(), now + Duration::from_millis(600)).is_err());
    }

    #[test]
    fn a_household_has_one_bucket() {
        let ip = |text: &str| RateLimitKey::address(text.parse().unwrap());
        assert_eq!(ip("2001:db8:1:2::1"), ip("2001:db8:1:2:ffff::9"));
        assert_ne!(ip("2001:db8:1:2::1"), ip("2001:db8:1:3::1"));
        assert_eq!(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
        assert_ne!(ip("192.0.2.1"), ip("192.0.2.2"));
    }
}
