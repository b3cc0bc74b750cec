//! The same for programs that harvest catalogues: DCAT, which schema.org's terms stand beside, as JSON-LD.

use serde_json::{Value, json};

use crate::partner::data::source::VisibleLayer;

/// What a layer says of its source, as a sentence with one full stop, whether it was written with one or not.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?', '។']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// All layers.
pub fn catalogue(title: &str, layers: &[VisibleLayer], base: &str) -> Value {
    let datasets: Vec<Value> = layers.iter().map(|layer| without_context(layer, base)).collect();
    json!({
        "@context": context(),
        "@type": ["dcat:Catalog", "schema:DataCatalog"],
        "@id": format!("{base}/data"),
        "dct:title": title,
        "schema:name": title,
        "dcat:dataset": datasets,
    })
}

/// One layer.
pub fn dataset(layer: &VisibleLayer, base: &str) -> Value {
    let mut document = without_context(layer, base);
    document["@context"] = context();
    document
}

/// JSON within a page. No text in it may end the script or begin another one (`</script`, `<!--<script`).
pub fn embedded(document: &Value) -> String {
    format!(
        "<script type=\"application/ld+json\">{}</script>",
        document.to_string().replace('<', "\\u003c")
    )
}

fn context() -> Value {
    json!({ "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "schema": "https://schema.org/" })
}

fn without_context(layer: &VisibleLayer, base: &str) -> Value {
    let about = layer.about();
    let home = format!("{base}/data/{}", about.name);
    // What cannot be had is not offered.
    let formats = layer.formats().filter(|_| layer.is_usable());
    let files: Vec<Value> = formats
        .map(|format| {
            let address = format!("{home}.{}", format.extension());
            json!({
                "@type": ["dcat:Distribution", "schema:DataDownload"],
                "dct:title": format.name(),
                "dcat:downloadURL": { "@id": address },
                "schema:contentUrl": address,
                "dcat:mediaType": format.media_type(),
                "schema:encodingFormat": format.media_type(),
            })
        })
        .collect();
    let fields: Vec<Value> = layer
        .fields()
        .iter()
        .map(|field| {
            json!({ "@type": "schema:PropertyValue", "schema:name": field.name, "schema:unitText": field.unit, "schema:description": field.meaning })
        })
        .collect();
    let [w, s, e, n] = about.bounds;
    let description = if about.illustrative {
        format!(
            "{} Illustrative data: generated, not a survey of real places.",
            sentence(&about.source)
        )
    } else {
        about.source.clone()
    };
    let mut document = json!({
        "@type": ["dcat:Dataset", "schema:Dataset"],
        "@id": home,
        "dct:identifier": about.name,
        "dct:title": about.title,
        "schema:name": about.title,
        "dct:description": description,
        "schema:description": description,
        "dct:license": about.licence,
        "schema:license": about.licence,
        "schema:creditText": about.attribution,
        "dct:modified": about.imported_at.to_string(),
        "schema:dateModified": about.imported_at.to_string(),
        "schema:version": about.hash,
        "schema:spatialCoverage": { "@type": "schema:Place", "schema:geo": { "@type": "schema:GeoShape", "schema:box": format!("{s} {w} {n} {e}") } },
        "schema:variableMeasured": fields,
        "dcat:distribution": files,
    });
    if let Some(record) = &about.record {
        document["dct:isReferencedBy"] = format!("urn:sha256:{record}").into();
    }
    document
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_source_ends_with_one_full_stop() {
        assert_eq!(sentence("OpenStreetMap"), "OpenStreetMap.");
        assert_eq!(
            sentence("Families in danger are in no number."),
            "Families in danger are in no number."
        );
        assert_eq!(sentence(""), "");
    }
}
