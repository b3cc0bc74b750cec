//! The reading process's side: confines itself, opens what it was given, answers requests until the channel closes.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::confine::{self, Confined};
use super::frame::{self, Kind};
use super::message::{Failure, Order, Request, Start};
use super::{drivers, mending, records, schema_check};
use crate::error::{LayersError, Result};
use crate::open::{Raw, VectorFile};
use crate::raster::{OpenedRaster, Window};
use crate::reading_process::vector::OpenedVector;

/// A frame of records is sent when it is so long, or so old.
const FRAME: usize = 256 << 10;
const AGE: Duration = Duration::from_secs(1);

pub(super) fn serve() {
    // Somebody typed the name of this command.
    if io::stdin().is_terminal() {
        return;
    }
    confine::close_inherited();
    let Ok(channel) = io::stdin().as_fd().try_clone_to_owned() else {
        return;
    };
    let mut channel = File::from(channel);
    // The other side has gone, or was never there: there is nobody to tell.
    let _ = answer(&mut channel);
}

fn answer(channel: &mut File) -> io::Result<()> {
    let Some((Kind::Order, bytes)) = frame::read(channel)? else {
        return Ok(());
    };
    let start: Start = serde_json::from_slice(&bytes)?;
    let confined: Confined = confine::confine(&start);
    say(channel, Kind::Confined, &confined)?;
    crate::gdal_rim::listen();
    drivers::keep_listed();
    let _ = gdal::config::set_config_option("CPL_TMPDIR", &start.work.to_string_lossy());
    if told(channel, schema_check::check_all(&start.readable))?.is_none() {
        return Ok(());
    }
    match &start.order {
        Order::Nothing => Ok(()),
        #[cfg(test)]
        Order::Attempt(attempt) => say(channel, Kind::Opened, &attempted(attempt, &start)),
        Order::Shapes => mending::serve(channel, request, told::<Vec<u8>>),
        Order::Unpack { path, limit } => {
            let unpacked = crate::import::unpack::unpack(path, &start.work, *limit);
            let Some(files) = told(channel, unpacked)? else {
                return Ok(());
            };
            let inside = files
                .iter()
                .filter_map(|file| file.strip_prefix(&start.work).ok());
            say(channel, Kind::Opened, &inside.collect::<Vec<_>>())
        }
        Order::Vector {
            path,
            options,
            wanted,
        } => {
            let opened = VectorFile::open(path, options, &start.work, wanted);
            let Some(file) = told(channel, opened)? else {
                return Ok(());
            };
            say(channel, Kind::Opened, &OpenedVector::of(&file))?;
            vectors(channel, &file)
        }
        Order::Raster { path, deployment } => {
            let Some(raster) = told(channel, OpenedRaster::open(path, deployment))? else {
                return Ok(());
            };
            say(channel, Kind::Opened, raster.facts())?;
            rasters(channel, &raster)
        }
    }
}

/// What of an attempt succeeded.
#[cfg(test)]
fn attempted(attempt: &super::message::Attempt, start: &Start) -> Vec<String> {
    use super::message::Attempt;
    let mut done = Vec::new();
    let mut note = |what: &str, succeeded: bool| {
        if succeeded {
            done.push(what.to_owned());
        }
    };
    match attempt {
        Attempt::ReachOut { file, address } => {
            let dir = file.parent().unwrap_or(file);
            note("read a file", std::fs::read(file).is_ok());
            note("read the accounts", std::fs::read("/etc/passwd").is_ok());
            note(
                "read another process",
                std::fs::read("/proc/self/environ").is_ok(),
            );
            note("listed a directory", std::fs::read_dir(dir).is_ok());
            note("wrote a file", std::fs::write(dir.join("new"), b"x").is_ok());
            note("changed rights", {
                use std::os::unix::fs::PermissionsExt;
                std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o777)).is_ok()
            });
            note(
                "reached an address",
                std::net::TcpStream::connect(address).is_ok(),
            );
            note("listened", std::net::TcpListener::bind("127.0.0.1:0").is_ok());
            note(
                "started a program",
                std::process::Command::new("/bin/true").status().is_ok(),
            );
            note("saw a secret", std::env::var_os("HOME").is_some());
            note("started a thread", std::thread::spawn(|| ()).join().is_ok());
            note(
                "wrote where it may",
                std::fs::write(start.work.join("own"), b"x").is_ok(),
            );
        }
        Attempt::Memory => {
            let much = vec![1_u8; 1 << 20];
            let mut all = Vec::new();
            loop {
                all.push(much.clone());
                // Address space is what is bounded: no test needs the memory itself.
                all.push(Vec::with_capacity(1 << 29));
            }
        }
        Attempt::Crash => std::process::abort(),
        Attempt::Idle => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
    }
    done
}

fn vectors(channel: &mut File, file: &VectorFile) -> io::Result<()> {
    while let Some(request) = request(channel)? {
        let done = match request {
            Request::Records => {
                let mut frames = Frames::new(channel);
                file.for_each_raw(|raw| {
                    records::write(&raw, &mut frames.bytes);
                    frames.send_if_full()
                })
                .and_then(|()| frames.send())
            }
            Request::Sample => file.sample().and_then(|sample| {
                let mut frames = Frames::new(channel);
                for (n, row) in (1..).zip(sample.rows()) {
                    let shape = Ok(None);
                    records::write(&Raw { n, shape, row }, &mut frames.bytes);
                }
                frames.send()
            }),
            Request::Shapes => {
                file.outlines(|bytes| frame::write(channel, Kind::Records, bytes).map_err(|e| gone(&e)))
            }
            Request::Cells { .. } | Request::Judge | Request::Mend => Err(LayersError::Usage(
                "A vector file has neither cells nor shapes to mend.".into(),
            )),
        };
        if told(channel, done)?.is_some() {
            frame::write(channel, Kind::End, b"")?;
        }
    }
    Ok(())
}

fn rasters(channel: &mut File, raster: &OpenedRaster) -> io::Result<()> {
    let mut values: Vec<f32> = Vec::new();
    let mut bytes: Vec<u8> = Vec::new();
    while let Some(request) = request(channel)? {
        let Request::Cells { window, size, factor } = request else {
            let wrong = Err(LayersError::Usage("A raster has no records.".into()));
            told::<()>(channel, wrong)?;
            continue;
        };
        let [column, row, columns, rows] = window;
        let window = Window {
            row,
            column,
            rows,
            columns,
        };
        values.clear();
        values.resize(size.0.saturating_mul(size.1), 0.0);
        if told(channel, raster.fill(window, size, factor, &mut values))?.is_some() {
            bytes.clear();
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            frame::write(channel, Kind::Cells, &bytes)?;
        }
    }
    Ok(())
}

/// The next request; `None` where the other side has had enough.
fn request(channel: &mut File) -> io::Result<Option<Request>> {
    match frame::read(channel)? {
        Some((Kind::Request, bytes)) => Ok(Some(serde_json::from_slice(&bytes)?)),
        _ => Ok(None),
    }
}

/// What was done; a failure is told to the other side.
fn told<T>(channel: &mut File, done: Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error) => {
            say(channel, Kind::Failed, &Failure::from(&error))?;
            Ok(None)
        }
    }
}

fn say(channel: &mut File, kind: Kind, what: &impl Serialize) -> io::Result<()> {
    frame::write(channel, kind, &serde_json::to_vec(what)?)
}

fn gone(error: &io::Error) -> LayersError {
    LayersError::refused(if error.kind() == io::ErrorKind::FileTooLarge {
        error.to_string()
    } else {
        "the process that asked for it has gone".into()
    })
}

/// Records that wait to be sent together.
struct Frames<'a, W> {
    channel: &'a mut W,
    bytes: Vec<u8>,
    since: Instant,
}

impl<'a, W: Write> Frames<'a, W> {
    fn new(channel: &'a mut W) -> Self {
        Self {
            channel,
            bytes: Vec::with_capacity(2 * FRAME),
            since: Instant::now(),
        }
    }

    fn send_if_full(&mut self) -> Result<()> {
        if self.bytes.len() < FRAME && self.since.elapsed() < AGE {
            return Ok(());
        }
        self.send()
    }

    fn send(&mut self) -> Result<()> {
        if !self.bytes.is_empty() {
            frame::write(self.channel, Kind::Records, &self.bytes).map_err(|e| gone(&e))?;
        }
        self.bytes.clear();
        self.since = Instant::now();
        Ok(())
    }
}
