//! Reads `index.html` in Trunk's form: which binaries and files it links, and the page that remains.
//!
//! A `<link data-trunk …>` names a thing to build or to copy. Trunk replaces each by what the browser needs; so does
//! `finish`, with the same file names, for the kinds that this repository uses: `rust`, `css`, `icon`, `copy-dir`,
//! `copy-file`. Any other kind is an error that names it.

use anyhow::{Context, Result, bail, ensure};
use std::collections::HashMap;

/// A page that Trunk or `finish` can complete.
#[derive(Debug, PartialEq)]
pub struct Page {
    /// The text between links and the links, in order.
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq)]
enum Part {
    Text(String),
    Link(Link),
}

/// What one `<link data-trunk>` asks for.
#[derive(Debug, PartialEq, Clone)]
pub enum Link {
    /// The binary that the page starts.
    Main(Bin),
    /// A binary that a module worker imports.
    Worker(Bin),
    /// A style sheet, copied to the root of the site.
    Css { href: String },
    /// An icon, copied to the root of the site.
    Icon { href: String },
    /// A file or a folder, copied to the root of the site under its own name.
    Copy { href: String },
}

/// A binary to build, and how it is built for publishing.
#[derive(Debug, PartialEq, Clone)]
pub struct Bin {
    pub name: String,
    /// Cargo's profile, from `data-cargo-profile-release`; `release` where that is absent.
    pub profile: String,
    /// How wasm-opt optimises, from `data-wasm-opt`: `s` and `z` for size, `1` to `4` for speed; `3` where that is absent.
    pub level: String,
    /// Features of the package, from `data-cargo-features`; for publishing alone, since each set of them is a build of its own.
    pub features: String,
}

impl Page {
    pub fn parse(html: &str) -> Result<Page> {
        let (mut parts, mut rest) = (Vec::new(), html);
        while let Some((before, tag, after)) = next_link(rest) {
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Link(Link::parse(tag).with_context(|| format!("in index.html, <link{tag}>"))?));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Page { parts })
    }

    pub fn bins(&self) -> impl Iterator<Item = &Bin> {
        self.links().filter_map(|link| match link {
            Link::Main(bin) | Link::Worker(bin) => Some(bin),
            Link::Css { .. } | Link::Icon { .. } | Link::Copy { .. } => None,
        })
    }

    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.parts.iter().filter_map(|part| match part {
            Part::Link(link) => Some(link),
            Part::Text(_) => None,
        })
    }

    /// The page as the browser gets it, all addresses relative; `extra` goes before `</body>`.
    pub fn finish(&self, extra: &str) -> String {
        let mut html = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => html.push_str(text),
                Part::Link(link) => html.push_str(&link.html()),
            }
        }
        html.replace("</body>", &format!("{extra}</body>"))
    }
}

impl Link {
    fn parse(tag: &str) -> Result<Link> {
        let attributes = attributes(tag);
        let get = |name: &str| attributes.get(name).cloned().with_context(|| format!("{name}=\"…\" is missing"));
        let or = |name: &str, usual: &str| attributes.get(name).cloned().unwrap_or_else(|| usual.to_owned());
        let bin = || -> Result<Bin> {
            Ok(Bin {
                name: get("data-bin")?,
                profile: or("data-cargo-profile-release", "release"),
                level: or("data-wasm-opt", "3"),
                features: or("data-cargo-features", ""),
            })
        };
        Ok(match get("rel")?.as_str() {
            "rust" if attributes.get("data-type").is_some_and(|kind| kind == "worker") => {
                let web = attributes.get("data-bindgen-target").is_some_and(|target| target == "web");
                ensure!(web, "a worker needs data-bindgen-target=\"web\"");
                Link::Worker(bin()?)
            }
            "rust" => Link::Main(bin()?),
            "css" => Link::Css { href: get("href")? },
            "icon" => Link::Icon { href: get("href")? },
            "copy-dir" | "copy-file" => Link::Copy { href: get("href")? },
            other => bail!("rel=\"{other}\" is none of rust, css, icon, copy-dir, copy-file"),
        })
    }

    fn html(&self) -> String {
        match self {
            Link::Main(Bin { name, .. }) => format!(
                "<link rel=\"modulepreload\" href=\"./{name}.js\">\n    \
                 <link rel=\"preload\" href=\"./{name}_bg.wasm\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n    \
                 <script type=\"module\">\n      \
                 import init from './{name}.js';\n      \
                 const wasm = await init({{ module_or_path: './{name}_bg.wasm' }});\n      \
                 dispatchEvent(new CustomEvent('TrunkApplicationStarted', {{ detail: {{ wasm }} }}));\n    \
                 </script>"
            ),
            Link::Css { href } => format!("<link rel=\"stylesheet\" href=\"./{}\">", file_name(href)),
            Link::Icon { href } => format!("<link rel=\"icon\" href=\"./{}\">", file_name(href)),
            Link::Worker(_) | Link::Copy { .. } => String::new(),
        }
    }
}

/// The last part of a path: the name that a linked file has in the site.
pub fn file_name(href: &str) -> &str {
    href.trim_end_matches('/').rsplit('/').next().expect("a split yields one part at least")
}

/// The first `<link …>` with `data-trunk`: the text before it, what stands between `<link` and `>`, the text after it.
fn next_link(html: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + html[from..].find("<link")?;
        let end = start + html[start..].find('>')?;
        let tag = &html[start + "<link".len()..end];
        if attributes(tag).contains_key("data-trunk") {
            return Some((&html[..start], tag, &html[end + 1..]));
        }
        from = end;
    }
}

/// `name="value"` and lone `name`s; values stand in double quotes.
fn attributes(tag: &str) -> HashMap<String, String> {
    let (mut found, mut rest) = (HashMap::new(), tag.trim().trim_end_matches('/').trim_end());
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"").and_then(|quoted| quoted.split_once('"')) {
            Some((value, after)) => (value, after),
            None => ("", after.trim_start_matches('=')),
        };
        found.insert(name.to_owned(), value.to_owned());
        rest = after.trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_what_the_browser_needs() {
        let page = Page::parse(
            "<head><link rel=\"icon\" href=\"data:,\">\
             <link data-trunk rel=\"css\" href=\"www/page.css\" />\
             <link data-trunk rel=\"copy-dir\" href=\"www\">\
             <link data-trunk rel=\"rust\" data-bin=\"app\" data-cargo-profile-release=\"small\" data-wasm-opt=\"s\">\
             <link data-trunk rel=\"rust\" data-type=\"worker\" data-bin=\"engine\" data-bindgen-target=\"web\">\
             </head><body></body>",
        )
        .expect("a page in Trunk's form");
        let bin = |name: &str, profile: &str, level: &str| Bin {
            name: name.into(),
            profile: profile.into(),
            level: level.into(),
            features: String::new(),
        };
        let links: Vec<_> = page.links().cloned().collect();
        assert_eq!(
            links,
            [
                Link::Css { href: "www/page.css".into() },
                Link::Copy { href: "www".into() },
                Link::Main(bin("app", "small", "s")),
                Link::Worker(bin("engine", "release", "3")),
            ]
        );
        let html = page.finish("<i></i>");
        assert!(
            html.starts_with("<head><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"./page.css\">")
        );
        assert!(html.contains("import init from './app.js'") && html.ends_with("<body><i></i></body>"));
        assert!(!html.contains("data-trunk"));
    }

    #[test]
    fn a_link_that_cannot_be_built_is_named() {
        let error = |html: &str| format!("{:#}", Page::parse(html).expect_err("a page with a mistake"));
        assert!(error("<link data-trunk rel=\"sass\" href=\"a.scss\">").contains("rel=\"sass\" is none of rust"));
        assert!(error("<link data-trunk rel=\"css\">").contains("href=\"…\" is missing"));
    }
}
