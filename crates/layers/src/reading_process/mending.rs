//! Polygons are judged and mended in a process apart, because what GEOS does to a shape that crosses itself everywhere can take any time and
//! any memory.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::frame::{self, Kind};
use super::message::{Order, Request};
use super::process::Process;
use crate::error::LayersError;

/// How long one shape may take.
const ONE: Duration = Duration::from_secs(60);

/// How long all shapes of one file may take.
const ALL: Duration = Duration::from_secs(600);

/// Judges and mends polygons. The process is started when the first shape needs it.
pub(crate) struct Mender {
    work: PathBuf,
    one: Duration,
    all: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    process: Option<Process>,
    spent: Duration,
}

impl Mender {
    /// A mender whose process has a directory of its own in `work`.
    pub fn new(work: &Path) -> Self {
        Self {
            work: work.to_owned(),
            one: ONE,
            all: ALL,
            state: Mutex::default(),
        }
    }

    /// What GEOS says against a polygon in WKB; `None` where it is valid. In words, why nobody knows.
    pub fn judge(&self, wkb: &[u8]) -> Result<Option<String>, String> {
        let said = self.ask(&Request::Judge, wkb)?;
        let said = String::from_utf8_lossy(&said).into_owned();
        Ok((!said.is_empty()).then_some(said))
    }

    /// A polygon in WKB made valid by GEOS, in WKB; in words, why it was not.
    pub fn mend(&self, wkb: &[u8]) -> Result<Vec<u8>, String> {
        self.ask(&Request::Mend, wkb)
    }

    fn ask(&self, request: &Request, wkb: &[u8]) -> Result<Vec<u8>, String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.spent > self.all {
            return Err(format!(
                "looking at the shapes of this file took more than {} seconds, so this one was not looked at: mend the file in the program that made it",
                self.all.as_secs()
            ));
        }
        let began = Instant::now();
        let answer = self.answer(&mut state, request, wkb);
        let took = began.elapsed();
        state.spent += took;
        answer.map_err(|error| {
            // Whatever it was, the next shape begins anew.
            state.process = None;
            if took >= self.one {
                return format!("looking at it took more than {} seconds", self.one.as_secs());
            }
            match error {
                LayersError::Unreadable { cause, .. } => cause,
                other => other.to_string(),
            }
        })
    }

    fn answer(&self, state: &mut State, request: &Request, wkb: &[u8]) -> Result<Vec<u8>, LayersError> {
        let process = match &mut state.process {
            Some(process) => process,
            none => none.insert(Process::start(Order::Shapes, &self.work, 0)?),
        };
        process.wait_at_most(self.one)?;
        process.ask(request)?;
        process.hand(wkb)?;
        match process.records()? {
            Some(bytes) => Ok(bytes),
            None => Err(process.talks_nonsense()),
        }
    }
}

/// The reading process's side.
pub(super) fn serve(
    channel: &mut std::fs::File,
    mut request: impl FnMut(&mut std::fs::File) -> io::Result<Option<Request>>,
    mut told: impl FnMut(&mut std::fs::File, Result<Vec<u8>, LayersError>) -> io::Result<Option<Vec<u8>>>,
) -> io::Result<()> {
    while let Some(request) = request(channel)? {
        let Some((Kind::Records, wkb)) = frame::read(channel)? else {
            return Ok(());
        };
        let done = match request {
            Request::Judge => Ok(crate::import::said_against(&wkb).unwrap_or_default().into_bytes()),
            Request::Mend => crate::import::made_valid(&wkb)
                .ok_or_else(|| LayersError::unreadable(Path::new("a shape"), "it could not be repaired")),
            _ => Err(LayersError::Usage("Shapes are judged or mended.".into())),
        };
        if let Some(bytes) = told(channel, done)? {
            frame::write(channel, Kind::Records, &bytes)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Coord, Geometry, LineString, Polygon};

    /// Spikes all across each other: so many of them that mending takes time.
    fn star(spikes: u32) -> Vec<u8> {
        let corner = |n: u32| {
            let angle = f64::from(n) * std::f64::consts::TAU * f64::from(spikes / 2) / f64::from(spikes);
            Coord {
                x: 500_000.0 + 1000.0 * angle.cos(),
                y: 1_280_000.0 + 1000.0 * angle.sin(),
            }
        };
        let mut ring: Vec<Coord<f64>> = (0..spikes).map(corner).collect();
        ring.push(ring[0]);
        let mut bytes = Vec::new();
        crate::wkb::write(
            &Geometry::Polygon(Polygon::new(LineString(ring), Vec::new())),
            &mut bytes,
        );
        bytes
    }

    #[test]
    fn a_shape_that_takes_too_long_is_left_and_the_next_begins_anew() {
        let mut mender = Mender::new(&std::env::temp_dir());
        // Long before any process can answer, however fast the machine is.
        mender.one = Duration::from_micros(1);
        assert_eq!(
            mender.mend(&star(6001)).unwrap_err(),
            "looking at it took more than 0 seconds"
        );
        mender.one = ONE;
        assert!(
            mender
                .judge(&star(5))
                .unwrap()
                .is_some_and(|said| said.contains("Self-intersection"))
        );
        assert!(!mender.mend(&star(5)).unwrap().is_empty());
        mender.all = Duration::ZERO;
        let told = mender.mend(&star(5)).unwrap_err();
        assert!(told.contains("mend the file"), "{told}");
    }

    #[test]
    fn what_is_no_shape_is_told() {
        let mender = Mender::new(&std::env::temp_dir());
        assert_eq!(mender.mend(b"no shape").unwrap_err(), "it could not be repaired");
        assert!(mender.judge(b"no shape").unwrap().is_some());
    }
}
