//! The command line, as a person types it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use phteah_store::{Database, Store, StoreError};

use crate::build_id::{LONG_VERSION, VERSION};
use crate::partner::state::Open;

/// Where should families live next: layers in, a ranked map out.
#[derive(Debug, Parser)]
#[command(
    name = "phteah",
    version = VERSION,
    long_version = LONG_VERSION,
    about,
    max_term_width = 100,
    after_help = "Files may be in any format and CRS. For exposure, overlay, access, disruption and sites --drawn, write FILE#LAYER where a file holds several layers, and FILE@EPSG:n where it does not state its CRS.\nExit codes: 0 done, 1 the data were refused, 2 wrong usage."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read, check, repair and store files as a layer
    Import(Box<Import>),
    /// Make the illustrative city
    Demo(Demo),
    /// List what is loaded
    Layers(Layers),
    /// Remove a layer, or list those that were removed
    #[command(subcommand)]
    Layer(LayerCommand),
    /// Make a lost or damaged list of layers again, and say which layers are hurt
    Repair(Repair),
    /// Write everything into one file, while the server serves
    Backup(crate::commands::backup::Backup),
    /// Move accounts, access rules, the audit and the registry from files to PostgreSQL, or back
    Move(crate::commands::carry::Move),
    /// Bring a backup back
    Restore(crate::commands::restore::Restore),
    /// List the known sources and their presets
    Sources(Sources),
    /// Rank candidate sites by a scenario
    Rank(Rank),
    /// Write a layer to a file
    Export(Export),
    /// Say who may see a layer and its fields; without a layer, list what has been said
    Publish(Publish),
    /// Make, revoke and list partners' keys; make, replace and print the deployment's key
    #[command(subcommand)]
    Key(Key),
    /// Make teams and say where they work
    #[command(subcommand)]
    Team(crate::commands::people::team::Team),
    /// Make, change, disable and list the accounts of persons
    #[command(subcommand)]
    Account(crate::commands::people::account::Account),
    /// Enrol, list and revoke the phones of field workers
    #[command(subcommand)]
    Device(crate::commands::people::device::Device),
    /// List and check the record of what was changed about rights
    #[command(subcommand)]
    Audit(crate::commands::people::audit::Audit),
    /// Households: show one, list conflicts, decide about the quarantine, export, import
    #[command(subcommand)]
    Registry(crate::commands::people::registry::RegistryCommand),
    /// Add, list, show and test forms: XLSForms and XForms
    #[command(subcommand)]
    Form(crate::commands::form::Form),
    /// Let phones with ODK Collect or Kobo in
    #[command(subcommand)]
    Odk(crate::commands::people::odk::Odk),
    /// Tables about families: prepare, preview, confirm, withdraw, list
    #[command(subcommand)]
    Release(crate::commands::people::release::ReleaseCommand),
    /// Take in what a phone has handed over
    #[command(subcommand)]
    Field(crate::commands::people::registry::Field),
    /// List what was downloaded: by whom, which layer, which part, how much
    Downloads(Downloads),
    /// Serve the map, the API and the tiles
    Serve(Serve),
    /// Measure how deep features lie under water at each return period, and per year
    Exposure(crate::commands::exposure::Exposure),
    /// Measure how much of each feature lies in zones of each class
    Overlay(crate::commands::overlay::Overlay),
    /// Measure how far each feature is from the nearest service of each kind, along the roads
    Access(crate::commands::access::Access),
    /// Measure how far each site is from the settlements that would move there, weighted by their households
    Disruption(crate::commands::disruption::Disruption),
    /// Make candidate sites of the available parcels, unranked
    Sites(crate::commands::sites::Sites),
    /// Rank the alternatives of any decision matrix under a model
    Decide(crate::commands::decide::Decide),
    /// Turn pairwise judgements into weights, with their consistency
    Weights(crate::commands::weights::Weights),
    /// Hide counts about people until nobody can be found in a table, looking at what was published before
    Protect(crate::commands::protect::Protect),
    /// Count households and give every count a little noise: the other way to protect a table
    Perturb(crate::commands::perturb::Perturb),
    /// Make, check and publish decision records
    Record(crate::commands::record::Record),
    /// Propose a site for every family: as many placed as possible, then the greatest sum of their scores
    Place(crate::commands::place::Place),
    /// Estimate how many families are still there, so long after their move
    Survival(crate::commands::survival::Survival),
}

/// The directory that a command works on.
#[derive(Debug, Args)]
pub struct Data {
    /// The deployment's data directory
    #[arg(long = "data", value_name = "DIR")]
    pub dir: PathBuf,
    /// Where accounts, access rules, the audit and the registry are, where that is not the data directory: <postgres://USER:PASSWORD@HOST/NAME>
    /// [default: `$PHTEAH_DATABASE`, else the systemd credential phteah-database, else files in the data directory]
    #[arg(long, value_name = "URL")]
    pub database: Option<DatabaseAddress>,
}

impl Data {
    /// Where accounts, access rules, the audit and the registry are.
    pub fn database(&self) -> Result<Database, StoreError> {
        let named = self.database.as_ref().map(|address| address.0.clone());
        let said = || DatabaseAddress::in_environment().map(|address| address.0);
        let credential = || {
            let folder = std::env::var_os("CREDENTIALS_DIRECTORY")?;
            std::fs::read_to_string(PathBuf::from(folder).join("phteah-database")).ok()
        };
        let address = named.or_else(said).or_else(credential);
        Database::read(address.as_deref().map(str::trim))
    }

    /// The store of these.
    pub fn store(&self) -> Result<Store, StoreError> {
        Store::open_in(&self.dir, &self.database()?)
    }
}

/// An address with a password in it.
#[derive(Clone)]
pub struct DatabaseAddress(String);

impl DatabaseAddress {
    /// What `PHTEAH_DATABASE` says.
    pub fn in_environment() -> Option<Self> {
        let text = std::env::var("PHTEAH_DATABASE").ok()?;
        (!text.is_empty()).then_some(Self(text))
    }

    /// The address.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseAddress {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// Never the address: it must not end up in logs.
impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseAddress(…)")
    }
}

/// `phteah import`.
#[derive(Debug, Args)]
#[command(
    override_usage = "phteah import ROLE FILE… --data DIR [OPTIONS]\n       phteah import --preset NAME FILE… --data DIR [OPTIONS]",
    after_long_help = crate::commands::roles::listed()
)]
pub struct Import {
    /// The role, then the files; with --preset the files only
    #[arg(required = true, value_name = "ROLE FILE…")]
    pub arguments: Vec<String>,
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// A known source: says roles, attributes, licence and attribution ("phteah sources" lists them)
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Name of the layer [default: the role's]
    #[arg(long, value_name = "NAME")]
    pub layer: Option<String>,
    /// Table to read, of a file that holds several
    #[arg(long, value_name = "NAME")]
    pub source_layer: Option<String>,
    /// Which column fills which field: `parcel_id=PARCEL_NO,tenure=TEN_TYPE`
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    pub map: Option<String>,
    /// Let --map name fields that the role does not have; they are stored beside its own
    #[arg(long)]
    pub extra: bool,
    /// Column that says where a record is (WKT, WKB or ODK's "lat lon"), or two, x (longitude, easting) first
    #[arg(long, value_name = "COLUMN[,COLUMN]")]
    pub place: Option<String>,
    /// CRS of the file, where it states none or a wrong one
    #[arg(long, value_name = "EPSG:n")]
    pub crs: Option<String>,
    /// Encoding of the file's text, such as CP1252
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Title of the layer, for people
    #[arg(long)]
    pub title: Option<String>,
    /// Licence of the data
    #[arg(long)]
    pub licence: Option<String>,
    /// Attribution that the licence asks for
    #[arg(long)]
    pub attribution: Option<String>,
    /// Annual return period of a flood depth raster, where its name does not say it
    #[arg(long, value_name = "YEARS")]
    pub return_period: Option<u32>,
    /// Where the layer is complete: a file of polygons, W,S,E,N in degrees, "bbox" (the box around its features) or "extent" (the whole
    /// deployment) [default: a raster's own extent, else the hull of the features]
    #[arg(long, value_name = "FILE|W,S,E,N|bbox|extent", allow_hyphen_values = true)]
    pub coverage: Option<String>,
    /// Refuse the whole file if any record is refused
    #[arg(long)]
    pub strict: bool,
    /// The data are generated: say so on every screen and in every export
    #[arg(long)]
    pub illustrative: bool,
    /// Write the report as JSON or, to a .csv file, every single note as a line
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// `phteah demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// How many parcels, 10 to 2,000,000
    #[arg(long, default_value_t = 30_000)]
    pub parcels: usize,
    /// Seed of everything that is generated
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Side of a raster cell in metres, 5 to 500
    #[arg(long, value_name = "METRES", default_value_t = 30.0)]
    pub cell: f64,
    /// How many illustrative families the registry gets, 0 to 200,000; with them teams, accounts of every role and phones
    #[arg(long, value_name = "N", default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(..=200_000))]
    pub households: u32,
    /// Where the key lies that seals them
    #[command(flatten)]
    pub key: crate::commands::people::deployment_key::KeyFile,
}

/// `phteah layers`.
#[derive(Debug, Args)]
pub struct Layers {
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `phteah layer`.
#[derive(Debug, Subcommand)]
pub enum LayerCommand {
    /// Remove a layer and say what used it; access rules, keys and records stay
    Remove(LayerRemove),
    /// List the layers that were removed, from the latest on
    Log(LayerLog),
}

/// `phteah layer remove`.
#[derive(Debug, Args)]
pub struct LayerRemove {
    /// Name of the layer
    pub name: String,
    /// The data directory
    #[command(flatten)]
    pub data: Data,
}

/// `phteah layer log`.
#[derive(Debug, Args)]
pub struct LayerLog {
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// How many
    #[arg(long, default_value_t = 50)]
    pub last: usize,
}

/// `phteah repair`.
#[derive(Debug, Args)]
pub struct Repair {
    /// The data directory
    #[command(flatten)]
    pub data: Data,
}

/// `phteah sources`.
#[derive(Debug, Args)]
#[command(after_long_help = crate::commands::sources_help())]
pub struct Sources {
    /// A data directory whose own presets are to be listed too
    #[arg(long = "data", value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `phteah rank`.
#[derive(Debug, Args)]
pub struct Rank {
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// The scenario, a TOML file; "default" is the one that comes with the program
    #[arg(long, value_name = "FILE")]
    pub scenario: PathBuf,
    /// How sites are ordered where facts are missing
    #[command(flatten)]
    pub order: crate::commands::order::OrderArgs,
    /// Where to write: .xlsx or .csv for people, .geojson, .gpkg or .json with everything
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Everything in a .csv too: each column of the .geojson, by its name there
    #[arg(long)]
    pub all: bool,
}

/// `phteah export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Name of the layer
    pub layer: String,
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// Where to write: .geojson, .gpkg, .fgb, .csv, .kml, .xlsx or .shp.zip; .tif for a raster
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// CRS to write [default: WGS 84 for .geojson and .kml, else the deployment's]
    #[arg(long, value_name = "EPSG:n")]
    pub crs: Option<String>,
    /// Texts of a .csv as they are stored. Without it, a text that a spreadsheet would take for a formula has ' before it
    #[arg(long)]
    pub raw_text: bool,
}

/// `phteah publish`.
#[derive(Debug, Args)]
#[command(
    override_usage = "phteah publish LAYER internal|partner|public --data DIR [OPTIONS]\n       phteah publish --data DIR"
)]
pub struct Publish {
    /// Name of the layer
    #[arg(requires = "visibility")]
    pub layer: Option<String>,
    /// Who may see it: internal (the team), partner (keys that open it) or public (everybody)
    pub visibility: Option<String>,
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
    /// The fields that are shown with it [default: all]; every other field stays internal
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub fields: Option<Vec<String>>,
    /// Fields of a public layer that partners alone see
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub partner_fields: Vec<String>,
    /// Why
    #[command(flatten)]
    pub why: crate::commands::people::Why,
}

/// `phteah key`.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key and show it, this once
    Add(KeyAdd),
    /// Revoke a key: from now on it opens nothing
    Revoke(KeyRevoke),
    /// List the keys and what they open
    List(KeyList),
    /// The deployment's key
    #[command(flatten)]
    Deployment(crate::commands::people::deployment_key::DeploymentKeyCommand),
}

/// `phteah key add`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("opens").required(true).args(["layers", "all_layers", "team"])))]
pub struct KeyAdd {
    /// Whose it is; the list and the log show this name
    pub name: String,
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
    /// The layers it opens, where they are shown to partners
    #[arg(long, value_name = "LAYER,…", value_delimiter = ',')]
    pub layers: Vec<String>,
    /// It opens every layer that is shown to partners, now and later
    #[arg(long)]
    pub all_layers: bool,
    /// It opens everything, internal layers too: for the team's own computers
    #[arg(long)]
    pub team: bool,
    /// Its last day [default: a year from today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub expires: Option<jiff::civil::Date>,
    /// Why
    #[command(flatten)]
    pub why: crate::commands::people::Why,
}

/// `phteah key revoke`.
#[derive(Debug, Args)]
pub struct KeyRevoke {
    /// Its name
    pub name: String,
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
    /// Why
    #[command(flatten)]
    pub why: crate::commands::people::Why,
}

/// `phteah key list`.
#[derive(Debug, Args)]
pub struct KeyList {
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
}

/// `phteah downloads`.
#[derive(Debug, Args)]
pub struct Downloads {
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
    /// How many, from the latest on
    #[arg(long, default_value_t = 50)]
    pub last: usize,
}

/// `phteah serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// Where to listen: an address or a name and a port; port 0 takes a free one. The map asks people to sign in on every address
    /// ("phteah account add NAME --role planner" makes an account), unless all it shows is an illustrative city and this
    /// machine alone reaches it
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub listen: ListenAddress,
    /// Where partners reach /data and /ogc and nothing else; what the internet or a proxy may be pointed at
    #[arg(long, value_name = "HOST:PORT")]
    pub partners: Option<ListenAddress>,
    /// The map asks nobody to sign in: whoever reaches the address sees and changes everything. Only for one machine or one room: refused with
    /// --public-url, and for requests that come through a proxy
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    pub open: Option<Open>,
    /// A reverse proxy whose word about its clients' addresses is taken (X-Forwarded-For); repeat it for each
    #[arg(long = "trusted-proxy", value_name = "ADDR")]
    pub trusted_proxies: Vec<IpAddr>,
    /// The address that people use, where it is another than the one they connect to: <https://data.example.org>
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// The server's certificate, and those that lead from it to an authority, in PEM form: --listen and --partners then speak https. Read again
    /// when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificate, in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Have an authority give a certificate for this name and renew it (ACME, TLS-ALPN-01): the name must lead here and --listen be reached at
    /// port 443. Agrees to the authority's terms. Repeat it for several names
    #[arg(long = "acme", value_name = "DOMAIN", conflicts_with = "tls_cert")]
    pub acme: Vec<String>,
    /// Whom the authority writes to when a certificate is about to end
    #[arg(long, value_name = "MAIL", requires = "acme")]
    pub acme_contact: Vec<String>,
    /// The authority's directory [default: Let's Encrypt]
    #[arg(long, value_name = "URL", requires = "acme")]
    pub acme_directory: Option<String>,
    /// The certificate by which the authority itself is known, in PEM form, where it is none that browsers know
    #[arg(long, value_name = "FILE", requires = "acme")]
    pub acme_authority: Option<PathBuf>,
    /// Send whoever comes here with plain http on to https: usually 0.0.0.0:80
    #[arg(long, value_name = "HOST:PORT")]
    pub redirect_http: Option<ListenAddress>,
    /// Requests a second that one address without a key may make under /data and /ogc; partners with a key four times as many, the team ten
    /// times
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub rate: u32,
    /// The file with the deployment's key, which opens the registry [default: `$PHTEAH_KEY_FILE`, else the systemd credential phteah-key, else
    /// the file beside the data directory that is called like it with .key at the end]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Megabytes of tiles that are kept in memory, for the map and for partners each
    #[arg(long, value_name = "MB", default_value_t = 128)]
    pub tile_cache: u64,
}

/// Where to listen, as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddress {
    /// A name or an address, IPv6 ones without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl ListenAddress {
    /// Whether this machine alone reaches it.
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self {
                host: address.ip().to_string(),
                port: address.port(),
            });
        }
        let split = text.rsplit_once(':');
        let found = split.and_then(|(host, port)| Some((host, port.parse().ok()?)));
        match found {
            Some((host, port)) if !host.is_empty() && !host.contains(':') => Ok(Self {
                host: host.to_owned(),
                port,
            }),
            _ => Err(
                "write an address or a name and a port, such as 127.0.0.1:8080 or localhost:8080".to_owned(),
            ),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn where_to_listen() {
        for (text, expected) in [
            ("127.0.0.1:8080", Some("127.0.0.1:8080")),
            ("localhost:0", Some("localhost:0")),
            ("[::1]:80", Some("[::1]:80")),
            ("nowhere", None),
            (":80", None),
            ("::1", None),
            ("localhost:99999", None),
        ] {
            let parsed = text
                .parse::<ListenAddress>()
                .ok()
                .map(|address| address.to_string());
            assert_eq!(parsed.as_deref(), expected, "{text}");
        }
    }
}
