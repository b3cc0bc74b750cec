//! The closed sets a measure speaks of: services, modes of travel, tenure, statistics.

use serde::{Deserialize, Serialize};

use crate::text::Text;
use crate::tree::Named;

/// Declares a closed set with its name in files and its labels in both languages, once for each member.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident, $what:literal, { $($(#[$each:meta])* $variant:ident = $name:literal, $en:literal, $km:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type {
            $($(#[$each])* #[serde(rename = $name)] $variant,)+
        }

        impl Named for $type {
            const WHAT: &'static str = $what;
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl $type {
            /// Every member, in the order of the domain's table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in files and over the wire.
            pub fn name(self) -> &'static str {
                Named::name(self)
            }

            /// The member with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Named::of(name)
            }

            /// What people call it.
            pub fn label(self) -> Text {
                match self { $(Self::$variant => Text::new($en, $km)),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

named!(
    /// A kind of service that a family needs within reach.
    Service, "a service kind", {
        /// Primary school.
        PrimarySchool = "primary_school", "primary school", "សាលាបឋមសិក្សា";
        /// Health centre.
        HealthCentre = "health_centre", "health centre", "មណ្ឌលសុខភាព";
        /// Hospital.
        Hospital = "hospital", "hospital", "មន្ទីរពេទ្យ";
        /// Market.
        Market = "market", "market", "ផ្សារ";
        /// Nursery for children below preschool age, so that a mother can keep her job.
        Nursery = "nursery", "nursery", "ទារកដ្ឋាន";
        /// Preschool.
        Preschool = "preschool", "preschool", "សាលាមត្តេយ្យ";
        /// Factory: where the work is.
        Factory = "factory", "factory", "រោងចក្រ";
        /// Social service.
        SocialService = "social_service", "social service", "សេវាសង្គមកិច្ច";
        /// Bus stop.
        BusStop = "bus_stop", "bus stop", "ចំណតរថយន្តក្រុង";
        /// Water point.
        WaterPoint = "water_point", "water point", "ចំណុចទឹក";
    }
);

named!(
    /// How a person travels.
    Mode, "a mode of travel", {
        /// On foot.
        Walk = "walk", "on foot", "ដោយថ្មើរជើង";
        /// By motorbike.
        Motorbike = "motorbike", "by motorbike", "ដោយម៉ូតូ";
    }
);

named!(
    /// Under which right a parcel is held.
    Tenure, "a tenure", {
        /// State public land: cannot be let or sold until it is reclassified.
        StatePublic = "state_public", "state public land", "ដីសាធារណៈរបស់រដ្ឋ";
        /// State private land.
        StatePrivate = "state_private", "state private land", "ដីឯកជនរបស់រដ្ឋ";
        /// Hard title, from the national cadastre.
        HardTitle = "hard_title", "hard title", "ប្លង់រឹង";
        /// Soft title, from the local authority.
        SoftTitle = "soft_title", "soft title", "ប្លង់ទន់";
        /// Social land concession.
        SocialLandConcession = "social_land_concession", "social land concession", "សម្បទានដីសង្គមកិច្ច";
        /// Monastery land.
        Monastery = "monastery", "monastery land", "ដីវត្ត";
        /// Not known.
        Unknown = "unknown", "tenure not known", "មិនទាន់ដឹងការកាន់កាប់ដីធ្លី";
    }
);

named!(
    /// What is said of the water depth over a site, weighted by exact cell coverage.
    DepthStatistic, "a statistic of flood depth", {
        /// Area-weighted mean depth.
        Mean = "mean", "mean", "មធ្យម";
        /// Deepest cell touched.
        Max = "max", "maximum", "អតិបរមា";
        /// Share of the site's area deeper than `deeper_than_m`.
        DeeperShare = "deeper_share", "share of the site", "ចំណែកនៃទីតាំង";
    }
);

named!(
    /// What is integrated over annual exceedance probability.
    AnnualStatistic, "a statistic of annual flooding", {
        /// Expected annual depth, metres.
        Depth = "depth", "depth", "ជម្រៅ";
        /// Expected annual flooded share of the site.
        Share = "share", "flooded share", "ចំណែកលិចទឹក";
    }
);

named!(
    /// A layer role whose polygons are cut out of every candidate site.
    CutOut, "a role that can be cut out", {
        /// Water bodies.
        Water = "water", "water", "ផ្ទៃទឹក";
        /// Protected land.
        Protected = "protected", "protected land", "តំបន់ការពារ";
        /// Mapped flood zones.
        FloodZones = "flood_zones", "flood zones", "តំបន់លិចទឹក";
    }
);
