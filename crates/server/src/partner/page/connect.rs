//! How to connect, ready to copy.

use super::words::Words;
use crate::partner::data::source::VisibleLayer;
use crate::partner::formats::Format;
use crate::partner::web::escaped;

/// The section; its examples name a layer that the reader sees.
pub fn section(words: &Words, base: &str, layer: Option<&VisibleLayer>) -> String {
    let Some(layer) = layer else { return String::new() };
    let name = layer.name();
    let [w, s, e, n] = layer.about().bounds;
    let (x, y) = (f64::midpoint(w, e), f64::midpoint(s, n));
    let bbox = format!(
        "{:.4},{:.4},{:.4},{:.4}",
        x - (e - w) / 8.0,
        y - (n - s) / 8.0,
        x + (e - w) / 8.0,
        y + (n - s) / 8.0
    );
    let step = |i: usize| words.qgis_steps[i];
    let code = |text: String| format!("<pre tabindex=\"0\"><code>{}</code></pre>", escaped(&text));
    // One command to a box: a click marks the whole of it. Those with a key stand apart, for without one they are refused.
    let boxes = |commands: &[String]| -> String { commands.iter().map(|text| code(text.clone())).collect() };
    let gdal = boxes(&[
        format!("ogrinfo -so OAPIF:{base}/ogc {name}"),
        format!("ogr2ogr {name}.gpkg OAPIF:{base}/ogc {name}"),
        format!(
            "# with a key\nogr2ogr {name}.gpkg OAPIF:{base}/ogc {name} --config GDAL_HTTP_USERPWD me:KEY"
        ),
    ]);
    let open = if layer.formats().any(|format| format == Format::FlatGeobuf) {
        "fgb"
    } else {
        "gpkg"
    };
    let python = boxes(&[
        format!("import geopandas\nlayer = geopandas.read_file(\"{base}/data/{name}.{open}\")"),
        format!(
            "# with a key\nimport geopandas, io, requests\nanswer = requests.get(\"{base}/data/{name}.gpkg\", headers={{\"Authorization\": \"Bearer KEY\"}})\n\
             layer = geopandas.read_file(io.BytesIO(answer.content))"
        ),
    ]);
    let curl = boxes(&[
        format!("curl --fail -O {base}/data/{name}.gpkg"),
        format!(
            "# again, only if it has changed\ncurl --fail -O --etag-compare {name}.tag --etag-save {name}.tag {base}/data/{name}.gpkg"
        ),
        format!("# goes on where it broke off\ncurl --fail -O -C - {base}/data/{name}.gpkg"),
        format!("# with a key\ncurl --fail -O -H \"Authorization: Bearer KEY\" {base}/data/{name}.gpkg"),
    ]);
    let part = code(format!(
        "curl --fail -o part.csv \"{base}/data/{name}.csv?bbox={bbox}&crs=EPSG:3857\""
    ));
    format!(
        "<section id=\"connect\"><h2>{}</h2><h3>{}</h3><p>{}</p><ol><li>{}</li><li>{}{}</li><li>{}</li><li>{}</li></ol><p>{}</p>\
         <h3>GDAL</h3>{gdal}<h3>Python</h3>{python}<h3>curl</h3>{curl}<h3>{}</h3>{part}\
         <p>{} <a href=\"/ogc/api\">/ogc/api</a></p></section>",
        words.connect,
        words.qgis,
        words.first,
        step(0),
        step(1),
        code(format!("{base}/ogc")),
        step(2),
        step(3),
        words.qgis_key,
        words.part,
        words.more,
    )
}
