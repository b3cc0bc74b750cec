//! The scenario's sections, with the domain's defaults.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::measure::{CutOut, Mode, Service, Tenure};

/// `[sites]`: how candidate sites are made of parcels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sites {
    /// Width of a household's plot, metres.
    pub plot_width_m: f64,
    /// Depth of a household's plot, metres.
    pub plot_depth_m: f64,
    /// Share of the net area for lanes, drains and open space, 0 up to (not including) 1.
    pub circulation_share: f64,
    /// Parcels closer than this count as adjoining, metres.
    pub join_gap_m: f64,
    /// Groups of tenures that may be joined into one site; a tenure of no group is not used.
    pub tenures: Vec<Vec<Tenure>>,
    /// Sites that hold fewer households are dropped.
    pub min_capacity: u32,
    /// Whether parcels that do not say if they can be had count as available.
    pub take_unknown_availability: bool,
    /// Roles whose polygons are cut out.
    pub without: Vec<CutOut>,
    /// What lies nearer than this to a road's centre line is cut out, metres; 0 where parcels end at the road.
    pub road_reserve_m: f64,
    /// Land under deep water is cut out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flooded: Option<Flooded>,
}

/// `[sites.flooded]`: land that is no part of a site because a flood stands deeper on it than can be built for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flooded {
    /// Years in which such a flood comes once on average.
    pub return_period: u32,
    /// Depth beyond which land is cut out, metres.
    pub deeper_than_m: f64,
}

impl Default for Sites {
    fn default() -> Self {
        Self {
            plot_width_m: 4.0,
            plot_depth_m: 12.0,
            circulation_share: 0.35,
            join_gap_m: 0.5,
            tenures: vec![
                vec![Tenure::StatePrivate, Tenure::SocialLandConcession],
                vec![Tenure::HardTitle],
                vec![Tenure::SoftTitle],
                vec![Tenure::Monastery],
                vec![Tenure::StatePublic],
                vec![Tenure::Unknown],
            ],
            min_capacity: 10,
            take_unknown_availability: false,
            without: vec![CutOut::Water, CutOut::Protected],
            road_reserve_m: 0.0,
            flooded: None,
        }
    }
}

impl Sites {
    /// Households that a net area in square metres holds: `floor(area × (1 − circulation share) ÷ plot size)`.
    pub fn capacity(&self, net_area_m2: f64) -> u32 {
        let plots = net_area_m2 * (1.0 - self.circulation_share) / (self.plot_width_m * self.plot_depth_m);
        // `as` saturates, and takes a negative or undefined number to 0.
        plots.floor() as u32
    }
}

/// `[travel]`: how travel is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Travel {
    /// A site or service farther than this from every road is off the network: its time is unknown. Metres.
    pub max_snap_m: f64,
    /// Road ends closer than this are one junction, metres.
    pub join_tolerance_m: f64,
    /// Roads under deeper water than this are cut, metres.
    pub cut_depth_m: f64,
}

impl Default for Travel {
    fn default() -> Self {
        Self {
            max_snap_m: 1000.0,
            join_tolerance_m: 0.5,
            cut_depth_m: 0.3,
        }
    }
}

/// Which settlements would move: `"all"`, or a list of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlements {
    /// All that are loaded.
    All,
    /// Those with these survey ids.
    Ids(Vec<String>),
}

impl Serialize for Settlements {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Ids(ids) => ids.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Settlements {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Word(String),
            Ids(Vec<String>),
        }
        match Form::deserialize(deserializer)? {
            Form::Word(word) if word == "all" => Ok(Self::All),
            Form::Word(word) => Err(serde::de::Error::custom(format!(
                "{word:?} is neither \"all\" nor a list of settlement ids"
            ))),
            Form::Ids(ids) => Ok(Self::Ids(ids)),
        }
    }
}

/// A place that a family goes to: a kind and a point, never a name. It is where a ranking *for them* starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// What the place is to the family: its school, its workplace, its clinic.
    pub kind: Service,
    /// Longitude, degrees, WGS 84.
    pub lon: f64,
    /// Latitude, degrees, WGS 84.
    pub lat: f64,
    /// How much this place counts among the family's places, such as its trips in a week.
    pub weight: f64,
}

/// `[move]`: who moves. Disruption is measured from the settlements, or to the places where they are given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Which settlements would move.
    pub settlements: Settlements,
    /// How they travel.
    pub mode: Mode,
    /// One family's own places; where there are any, disruption is the weighted travel time to these.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub places: Vec<Place>,
}

impl Default for Move {
    fn default() -> Self {
        Self {
            settlements: Settlements::All,
            mode: Mode::Motorbike,
            places: Vec::new(),
        }
    }
}
