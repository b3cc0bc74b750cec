//! Maps for phones: each team's area as one file that is kept on the phone, and what lies near by as lists.
//!
//! ```text
//! actor ─► inputs (grants, area) ─► name ─► is it there? ─► offered in /api/field/setup ─► /api/field/packs/area/VERSION.pmtiles
//!                                              └─ no ─► drawn in the background, one at a time; meanwhile the former one is offered
//! ```

mod ground;
mod inputs;
mod make;
mod places;
pub mod serve;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use moka::sync::Cache;
use phteah_layers::Catalogue;
use phteah_store::Actor;
use serde_json::{Value, json};

use self::inputs::{Inputs, MAX_ZOOM, MIN_ZOOM, file_name};
use self::make::{About, NoPack, make};
use self::places::Places;
use crate::api::error::ApiError;
use crate::http::background;
use crate::state::AppState;

/// The one pack of a team so far.
pub const ID: &str = "area";

/// Name of the folder within the data directory. All in it can be made again.
const DIR: &str = "packs";

/// How files begin that are not finished.
const UNFINISHED: &str = ".unfinished-";

/// Packs of one scope that are kept: the one that is offered and the one before, which a phone may be in the middle of.
const KEPT_EACH: usize = 2;

/// Packs that are kept in all.
const KEPT: usize = 200;

/// Packs that may wait to be drawn. Whoever finds no place asks again.
const WAITING: usize = 32;

/// A pack that could not be drawn is not tried again so soon.
const NOT_AGAIN: Duration = Duration::from_secs(600);

/// What a phone is offered.
#[derive(Debug)]
pub struct Offer {
    /// The packs of the phone's area.
    pub packs: Vec<Value>,
    /// Whether a newer one is being drawn.
    pub being_made: bool,
    /// Why there is none, for people.
    pub why: Option<String>,
    /// Services near by.
    pub services: Vec<Value>,
    /// Sites of the published decision.
    pub sites: Vec<Value>,
}

/// The packs of a server.
#[derive(Debug)]
pub struct Packs {
    dir: PathBuf,
    /// Names of those that are being drawn or wait for it.
    making: Mutex<HashSet<String>>,
    /// Held by whoever draws.
    turn: Arc<Mutex<()>>,
    failed: Cache<String, String>,
    places: Cache<String, Arc<Places>>,
}

impl Packs {
    /// The packs of a data directory. What an earlier run left unfinished is removed.
    pub fn new(data: &Path) -> Self {
        let dir = data.join(DIR);
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let starts = |start| name.to_string_lossy().starts_with(start);
            if starts(UNFINISHED) || starts(phteah_layers::UNFINISHED) {
                // What cannot be removed does no harm.
                let _ = fs::remove_file(entry.path());
            }
        }
        Self {
            dir,
            making: Mutex::default(),
            turn: Arc::default(),
            failed: Cache::builder()
                .max_capacity(1_000)
                .time_to_live(NOT_AGAIN)
                .build(),
            places: Cache::new(64),
        }
    }

    /// Where a pack lies, if it does.
    fn path(&self, scope: &str, version: &str) -> PathBuf {
        self.dir.join(file_name(scope, version))
    }

    /// What is known of a pack that is there.
    fn about(&self, scope: &str, version: &str) -> Option<About> {
        let path = self.path(scope, version);
        let about: About = serde_json::from_slice(&fs::read(note_of(&path)).ok()?).ok()?;
        let bytes = fs::metadata(path).ok()?.len();
        (about.version == version && about.bytes == bytes).then_some(about)
    }

    /// The packs of a scope, the newest first, by their versions.
    fn versions(&self, scope: &str) -> Vec<String> {
        let mut found: Vec<(SystemTime, String)> = self
            .files()
            .into_iter()
            .filter_map(|(at, name)| {
                let version = name
                    .strip_prefix(scope)?
                    .strip_prefix('-')?
                    .strip_suffix(".pmtiles")?;
                Some((at, version.to_owned()))
            })
            .collect();
        found.sort();
        found.into_iter().rev().map(|(_, version)| version).collect()
    }

    fn files(&self) -> Vec<(SystemTime, String)> {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let is_pack = name.ends_with(".pmtiles") && !name.starts_with('.');
                is_pack.then_some((entry.metadata().ok()?.modified().ok()?, name))
            })
            .collect()
    }

    fn making(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws a pack, unless it is there.
    fn draw(&self, catalogue: &Catalogue, inputs: &Inputs) -> Result<(), NoPack> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.about(&inputs.scope, &inputs.version).is_some() {
            return Ok(());
        }
        fs::create_dir_all(&self.dir)?;
        // Drawn in place, piece by piece: no pack goes through memory.
        let pack = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(&self.dir)?;
        let about = background::alone(|| make(catalogue, inputs, &self.dir, pack.path()))??;
        pack.as_file().sync_all()?;
        let path = self.path(&inputs.scope, &inputs.version);
        pack.persist(&path).map_err(|e| e.error)?;
        // Without its note a pack does not count: so it comes last.
        let note = serde_json::to_vec(&about).map_err(std::io::Error::other)?;
        phteah_layers::replace_file(&note_of(&path), &note)?;
        self.remove_old(&inputs.scope);
        Ok(())
    }

    fn remove_old(&self, scope: &str) {
        let remove = |name: &str| {
            let path = self.dir.join(name);
            let _ = fs::remove_file(note_of(&path)).and_then(|()| fs::remove_file(&path));
        };
        for version in self.versions(scope).iter().skip(KEPT_EACH) {
            remove(&file_name(scope, version));
        }
        let mut all = self.files();
        all.sort();
        for (_, name) in all.iter().take(all.len().saturating_sub(KEPT)) {
            remove(name);
        }
    }

    fn places(
        &self,
        catalogue: &Catalogue,
        inputs: &Inputs,
        now: Timestamp,
    ) -> Result<Arc<Places>, ApiError> {
        // What has closed by now changes with the day.
        let key = format!("{} {} {}", inputs.scope, inputs.version, now.as_second() / 86_400);
        if let Some(places) = self.places.get(&key) {
            return Ok(places);
        }
        let places = Arc::new(places::of(catalogue, inputs, now)?);
        self.places.insert(key, Arc::clone(&places));
        Ok(places)
    }
}

/// Where a pack's description lies.
fn note_of(pack: &Path) -> PathBuf {
    pack.with_extension("json")
}

/// What a phone is offered; a pack that is missing begins to be drawn. Reads files.
pub fn offer(state: &Arc<AppState>, actor: &Actor) -> Result<Offer, ApiError> {
    let (catalogue, now) = (state.catalogue()?, state.partner.now());
    let nothing = Offer {
        packs: Vec::new(),
        being_made: false,
        why: None,
        services: Vec::new(),
        sites: Vec::new(),
    };
    let Some(inputs) = Inputs::of(&catalogue, state.partner.store(), actor)? else {
        return Ok(nothing);
    };
    if inputs.slices.is_empty() {
        let why = "No layer that a map could be drawn of is loaded on the server.".to_owned();
        return Ok(Offer {
            why: Some(why),
            ..nothing
        });
    }
    let packs = &state.packs;
    let places = packs.places(&catalogue, &inputs, now)?;
    let (services, sites) = (places.services.clone(), places.sites.clone());
    if let Some(about) = packs.about(&inputs.scope, &inputs.version) {
        return Ok(Offer {
            packs: vec![item(&about)],
            services,
            sites,
            ..nothing
        });
    }
    let name = inputs.file_name();
    let why = packs.failed.get(&name);
    // Meanwhile the former map: of the same area and layers, so that whoever may have the new one may have it.
    let former = packs
        .versions(&inputs.scope)
        .iter()
        .find_map(|version| packs.about(&inputs.scope, version));
    let being_made = why.is_none() && begin(state, catalogue, inputs, name)?;
    Ok(Offer {
        packs: former.iter().map(item).collect(),
        being_made,
        why,
        services,
        sites,
    })
}

/// Has a pack drawn in the background; `false` where too many wait already.
fn begin(
    state: &Arc<AppState>,
    catalogue: Arc<Catalogue>,
    inputs: Inputs,
    name: String,
) -> Result<bool, ApiError> {
    {
        let mut making = state.packs.making();
        if making.contains(&name) {
            return Ok(true);
        }
        if making.len() >= WAITING {
            return Ok(false);
        }
        making.insert(name.clone());
    }
    let drawing = Arc::clone(state);
    let done = Done {
        state: Arc::clone(state),
        name: name.clone(),
    };
    background::spawn(move || {
        let _done = done;
        if let Err(cause) = drawing.packs.draw(&catalogue, &inputs) {
            tracing::warn!(%cause, "a map for phones was not drawn");
            drawing.packs.failed.insert(name, told(&cause));
        }
    })
    .map_err(ApiError::internal)?;
    Ok(true)
}

/// Takes a name off the list, however the drawing ended.
struct Done {
    state: Arc<AppState>,
    name: String,
}

impl Drop for Done {
    fn drop(&mut self) {
        self.state.packs.making().remove(&self.name);
    }
}

/// What a phone is told. What went wrong on the disk is for the log.
fn told(cause: &NoPack) -> String {
    match cause {
        NoPack::NoBoundary | NoPack::TooLarge | NoPack::TooSlow => {
            let text = cause.to_string();
            let mut signs = text.chars();
            let first = signs
                .next()
                .map(|c| c.to_uppercase().to_string())
                .unwrap_or_default();
            format!("{first}{}.", signs.as_str())
        }
        NoPack::Layers(_) | NoPack::Io(_) | NoPack::Archive(_) => {
            "The map could not be drawn; the server's log says why. It is tried again in ten minutes."
                .to_owned()
        }
    }
}

fn item(about: &About) -> Value {
    json!({
        "id": ID,
        "version": about.version,
        "bytes": about.bytes,
        "sha256": about.sha256,
        "title": {"en": "Map of the area", "km": "ផែនទីតំបន់"},
        "bounds": about.bounds,
        "min_zoom": MIN_ZOOM,
        "max_zoom": MAX_ZOOM,
        "layers": about.layers,
        "missing": about.missing,
        "attribution": about.attributions.join(" · "),
        "illustrative": about.illustrative,
        "url": format!("/api/field/packs/{ID}/{}.pmtiles", about.version),
    })
}
