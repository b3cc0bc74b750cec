//! QR codes, on pages and in terminals.

use maud::{Markup, PreEscaped, html};
use qrcode::QrCode;
use qrcode::render::{svg, unicode};

/// A QR code as a picture within a page, black on white whatever the page's colours are; nothing where the text is too long for one.
pub fn picture(text: &str) -> Markup {
    let Ok(code) = QrCode::new(text.as_bytes()) else {
        return html! {};
    };
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    // Without the declaration that stands before an image in a file of its own.
    let drawn = drawn.find("<svg").map_or("", |at| &drawn[at..]);
    html! { p { (PreEscaped(drawn)) } }
}

/// A QR code of half blocks, for a terminal with light letters on a dark ground; nothing where the text is too long for one.
pub fn in_terminal(text: &str) -> String {
    QrCode::new(text.as_bytes()).map_or(String::new(), |code| {
        code.render::<unicode::Dense1x2>()
            .dark_color(unicode::Dense1x2::Light)
            .light_color(unicode::Dense1x2::Dark)
            .build()
    })
}
