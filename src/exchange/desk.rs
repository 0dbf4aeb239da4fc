//! What the desk knows, and what it does when something is asked of it. Pure: it knows no browser.

use super::{
    code, compare, curve, drawing, facts,
    files::{self, Pending},
    html::{self, escape},
    protocol::{Answer, Ask, Given, Taken, Tensor},
};
use crate::{
    export::{FORMATS, FRAMEWORKS, Model, Network, Program, Samples, bundle},
    import::{self, Upload},
    spec::{Sample, Spec, survey},
    train::Weight,
    worker::protocol::{Bytes, File, pack, unpack},
};

/// The style of the panel, which comes with it.
const STYLE: &str = include_str!("../../www/panel.css");

/// What the panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    #[default]
    Code,
    Compare,
    Files,
    Facts,
}

const VIEWS: [(View, &str, &str); 4] = [
    (View::Code, "code", "Code"),
    (View::Compare, "compare", "Compare"),
    (View::Files, "files", "Files"),
    (View::Facts, "facts", "Frameworks"),
];

/// What the model is wanted for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    Format(usize),
    Experiment,
}

#[derive(Default)]
pub struct Desk {
    /// The last document that worked.
    network: Option<Network>,
    /// Why the one on the page does not.
    broken: Option<String>,
    view: View,
    framework: usize,
    file: usize,
    pair: Option<[usize; 2]>,
    format: usize,
    wanted: Option<Wanted>,
    /// What was read last: its name, and its remarks by node.
    read: Option<(String, Vec<import::Remark>)>,
    /// Weights that wait for somebody to say where they belong.
    pending: Option<Pending>,
    /// The lines of the file that is shown.
    lines: Vec<String>,
    shown: Vec<(String, String)>,
}

impl Desk {
    /// Does what is asked.
    pub fn hear(&mut self, ask: Ask) -> Vec<Answer> {
        match self.obey(ask) {
            Ok(answers) => answers,
            Err(sentence) => vec![Answer::Trouble(sentence)],
        }
    }

    fn obey(&mut self, ask: Ask) -> Result<Vec<Answer>, String> {
        match ask {
            Ask::Document { document, classes } => {
                match network(&document, classes) {
                    Ok(network) => {
                        if let Some(pending) =
                            self.pending.take_if(|pending| pending.chosen.len() != files::wanted(&network).len())
                        {
                            self.pending = Some(Pending::new(pending.name, pending.found, &network));
                        }
                        (self.network, self.broken) = (Some(network), None);
                    }
                    Err(why) => self.broken = Some(why),
                }
                Ok(self.draw(true))
            }
            Ask::Press(what) => self.press(&what),
            Ask::Taken(bytes) => self.write(unpack(&bytes.0)?),
            Ask::Curves { train, test } => {
                Ok(vec![download(&self.name("curve.csv"), curve::csv(&train, &test).into_bytes())])
            }
            Ask::Files(files) => self.read(files),
        }
    }

    fn press(&mut self, what: &str) -> Result<Vec<Answer>, String> {
        let (verb, rest) = what.split_once([':', '=']).unwrap_or((what, ""));
        let row = |id: &str| FRAMEWORKS.iter().position(|row| row.id == id);
        let number = rest.parse().unwrap_or(0);
        match verb {
            "view" => {
                self.view = VIEWS.iter().find(|(_, id, _)| *id == rest).map_or(View::Code, |(view, ..)| *view);
            }
            "tab" => (self.framework, self.file) = (row(rest).unwrap_or(0), 0),
            "file" => self.file = number,
            "left" | "right" => {
                let mut pair = self.pair();
                pair[usize::from(verb == "right")] = row(rest).unwrap_or(0);
                self.pair = Some(pair);
            }
            "format" => self.format = FORMATS.iter().position(|format| format.id == rest).unwrap_or(0),
            "match" => {
                let (place, own) = rest.split_once('=').unwrap_or((rest, ""));
                let chosen = place
                    .parse()
                    .ok()
                    .zip(self.pending.as_mut())
                    .and_then(|(place, pending): (usize, _)| pending.chosen.get_mut(place));
                if let Some(chosen) = chosen {
                    *chosen = own.parse().ok();
                }
            }
            "use" => return self.take_up(),
            "keep" => {
                let program = self.program(self.framework)?;
                let file = program.files.get(self.file).or(program.files.first()).ok_or("There is no file.")?;
                return Ok(vec![download(file.name, file.code.text().into_bytes())]);
            }
            "get" => {
                self.wanted = Some(Wanted::Format(self.format));
                return Ok(vec![Answer::Take]);
            }
            "whisker" => {
                self.wanted = Some(Wanted::Experiment);
                return Ok(vec![Answer::Take]);
            }
            "curve" => return Ok(vec![Answer::Curves]),
            "svg" => {
                let (svg, ..) = drawing::svg(self.known()?);
                return Ok(vec![download(&self.name("network.svg"), svg.into_bytes())]);
            }
            "png" => {
                let (svg, width, height) = drawing::svg(self.known()?);
                return Ok(vec![Answer::Draw { name: self.name("network.png"), svg, width, height }]);
            }
            _ => return Ok(Vec::new()),
        }
        Ok(self.draw(false))
    }

    fn known(&self) -> Result<&Network, String> {
        self.network.as_ref().ok_or_else(|| "There is no network that works yet: mend what the cards say.".into())
    }

    fn pair(&self) -> [usize; 2] {
        let other = FRAMEWORKS.iter().position(|row| row.id == "pytorch").unwrap_or(1);
        self.pair.unwrap_or([self.framework, if self.framework == other { 0 } else { other }])
    }

    fn program(&self, framework: usize) -> Result<Program, String> {
        Ok((FRAMEWORKS[framework].write)(self.known()?))
    }

    /// A file's name that begins with the experiment's.
    fn name(&self, end: &str) -> String {
        let title = self.network.as_ref().map_or("whisker", |network| &network.title);
        let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        format!("{}-{end}", title.chars().map(plain).take(60).collect::<String>())
    }

    /// The model as it was asked for.
    fn write(&mut self, taken: Taken) -> Result<Vec<Answer>, String> {
        let Some(wanted) = self.wanted.take() else { return Ok(Vec::new()) };
        let network = self.known()?;
        let weights: Vec<Weight> = taken.weights.into_iter().map(Weight::from).collect();
        let fits = network
            .layers
            .iter()
            .flat_map(|layer| &layer.parameters)
            .all(|one| weights.iter().any(|weight| weight.name == one.full && weight.shape == one.shape));
        if !fits {
            return Err("The network is just being changed: try again in a moment.".into());
        }
        match wanted {
            Wanted::Format(place) => {
                let format = FORMATS[place];
                let samples = Samples { x: taken.x.0, expected: taken.expected.0, classes: taken.classes };
                let (zip, _) = bundle(format, &Model { network, weights: &weights }, &samples)?;
                Ok(vec![download(&self.name(&format!("{}.zip", format.id)), zip)])
            }
            Wanted::Experiment => {
                let bytes = {
                    let moments: Vec<Weight> = taken.moments.into_iter().map(Weight::from).collect();
                    files::experiment(network, &weights, &moments, taken.step)?
                };
                Ok(vec![download(&self.name("experiment.whisker"), bytes)])
            }
        }
    }

    /// A network out of files.
    fn read(&mut self, files: Vec<File>) -> Result<Vec<Answer>, String> {
        let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        let uploads: Vec<Upload> =
            files.into_iter().map(|file| Upload { name: file.name, bytes: file.bytes.0 }).collect();
        let mut going = None;
        let imported = match files::experiment_of(&uploads) {
            Some(experiment) => {
                let (imported, step, moments) = experiment?;
                going = Some((step, moments.into_iter().map(Tensor::from).collect()));
                imported
            }
            None => match import::read(&uploads) {
                Ok(imported) => imported,
                // what the page itself gives out is a zip around the model's file
                Err(why) => import::read(&files::unbundled(&uploads).ok_or(why)?)?,
            },
        };
        let mut answers = Vec::new();
        let document = match imported.document {
            Some(document) => files::fitted(document),
            None => return self.match_up(names.join(", "), imported),
        };
        let weights: Vec<Tensor> = imported.weights.into_iter().map(Tensor::from).collect();
        self.pending = None;
        self.read = Some((names.join(", "), imported.notes)).filter(|(_, notes)| !notes.is_empty());
        if self.read.is_some() {
            self.view = View::Files;
        }
        answers.push(Answer::Open { document: document.to_string(), weights: Bytes(pack(&Given { weights, going })) });
        answers.extend(self.draw(false));
        answers.extend(self.read.is_some().then_some(Answer::Show));
        Ok(answers)
    }

    /// Weights without a network: those that all have their own names are taken at once, else the table asks.
    fn match_up(&mut self, name: String, imported: import::Imported) -> Result<Vec<Answer>, String> {
        let network = self.known()?;
        let pending = Pending::new(name.clone(), imported.weights, network);
        if pending.chosen.iter().all(Option::is_none) {
            return Err(format!(
                "{name} has no array of a shape that the network on the page has: open the network that these weights are of first."
            ));
        }
        let plain = pending.is_plain(network);
        self.read = Some((name, imported.notes)).filter(|(_, notes)| !notes.is_empty());
        self.pending = Some(pending);
        if plain {
            return self.take_up();
        }
        self.view = View::Files;
        Ok(self.draw(false).into_iter().chain([Answer::Show]).collect())
    }

    /// The weights of the table go into the network.
    fn take_up(&mut self) -> Result<Vec<Answer>, String> {
        let Some(pending) = self.pending.take() else { return Ok(Vec::new()) };
        let network = self.known()?;
        let weights: Vec<Tensor> = pending.weights(network).into_iter().map(Tensor::from).collect();
        let open = Answer::Open {
            document: network.document.to_string(),
            weights: Bytes(pack(&Given { weights, going: None })),
        };
        Ok([open].into_iter().chain(self.draw(false)).collect())
    }

    /// The parts of the panel that are now other ones; after an edit, what is new in the code flashes.
    fn draw(&mut self, edited: bool) -> Vec<Answer> {
        let views: Vec<(String, &str)> = VIEWS.iter().map(|(_, id, label)| (format!("view:{id}"), *label)).collect();
        let view = VIEWS.iter().position(|(view, ..)| *view == self.view).unwrap_or(0);
        let mut head = html::tabs("What the panel shows", "desk-views", &views, view);
        head += &format!("<span hidden data-view=\"{}\"></span>", VIEWS[view].1);
        let (mut tabs, mut notes, mut body) = (String::new(), String::new(), String::new());
        if let Some(why) = &self.broken {
            notes += &format!("<p class=\"desk-broken\">This is the last network that worked. {}</p>", escape(why));
        }
        match (self.view, &self.network) {
            (View::Facts, _) => body = facts::table(),
            (_, None) => {}
            (View::Code, Some(network)) => {
                let rows: Vec<(String, &str)> =
                    FRAMEWORKS.iter().map(|row| (format!("tab:{}", row.id), row.label)).collect();
                tabs = html::tabs("Framework", "desk-tabs", &rows, self.framework);
                let program = (FRAMEWORKS[self.framework].write)(network);
                let place = self.file.min(program.files.len().saturating_sub(1));
                tabs += &code::tools(&program.files, place);
                notes += &code::notes(network, &program.notes, "What it does otherwise");
                if let Some(file) = program.files.get(place) {
                    let label = format!("{}, {}", FRAMEWORKS[self.framework].label, file.name);
                    body =
                        code::lines(file, edited.then_some(&self.lines[..]).filter(|lines| !lines.is_empty()), &label);
                    self.lines = file.code.lines.iter().map(|line| line.text.clone()).collect();
                }
            }
            (View::Compare, Some(network)) => {
                let pair = self.pair();
                tabs = compare::choices(pair);
                let programs = pair.map(|row| (FRAMEWORKS[row].write)(network));
                let labels = pair.map(|row| FRAMEWORKS[row].label);
                for (program, label) in programs.iter().zip(labels) {
                    notes += &code::notes(network, &program.notes, &format!("What {label} does otherwise"));
                }
                if let [Some(a), Some(b)] = [programs[0].files.first(), programs[1].files.first()] {
                    body = compare::both([a, b], labels);
                }
            }
            (View::Files, Some(network)) => {
                body = files::list(network, self.format, self.read.as_ref(), self.pending.as_ref())
            }
        }
        let parts =
            [("style", STYLE_TAG.to_string()), ("views", head), ("tabs", tabs), ("notes", notes), ("body", body)];
        let mut changed = Vec::new();
        for (name, html) in parts {
            match self.shown.iter_mut().find(|(shown, _)| shown == name) {
                Some((_, shown)) if *shown == html => continue,
                Some((_, shown)) => shown.clone_from(&html),
                None => self.shown.push((name.to_string(), html.clone())),
            }
            let html = if name == "style" { format!("<style>{STYLE}</style>") } else { html };
            changed.push((name.to_string(), html));
        }
        if changed.is_empty() { Vec::new() } else { vec![Answer::Parts(changed)] }
    }
}

/// Stands for the style, which never changes.
const STYLE_TAG: &str = "style";

fn download(name: &str, bytes: Vec<u8>) -> Answer {
    Answer::Download { name: name.to_string(), bytes: Bytes(bytes) }
}

/// The description of a document, or why there is none.
fn network(document: &str, classes: Option<u32>) -> Result<Network, String> {
    let spec = Spec::parse(document).map_err(|error| error.to_string())?;
    let mut sample = Sample::of(&spec);
    sample.classes = sample.classes.or(classes.map(|count| count as usize));
    let survey = survey(&spec, &sample);
    match survey.network() {
        Some(checked) => Network::new(&spec, &checked),
        None => Err(survey.mistakes.first().map_or("It has no layers.".into(), |mistake| mistake.message.clone())),
    }
}
