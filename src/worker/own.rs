//! The engine's side of the user's own pictures: it keeps account of them, and leaves files to the program `pictures`.
//!
//! That program is fetched when files come: most visits bring none. Natively it is called as it is.

use super::pictures::Found;
#[cfg(not(target_arch = "wasm32"))]
use super::pictures::Pictures;
use super::protocol::{Event, File, Files, Subject};
use crate::data::{Dataset, own};
use crate::spec::Data;

/// What the engine knows of the user's pictures.
#[derive(Default)]
pub struct Own {
    coming: Vec<File>,
    pictures: Option<far::Far>,
    loose: Option<Subject>,
    /// Files were read since a set was last made of them.
    new: bool,
}

impl Own {
    /// Takes files; they are read when the last has come.
    pub fn add(&mut self, files: Vec<File>) {
        self.coming.extend(files);
    }

    /// Whether a set of this document would be another than before.
    pub fn is_new(&self, data: &Data) -> bool {
        self.new && matches!(data, Data::Set(set) if set.set == own::SOURCE.id)
    }

    /// Reads all files that came. Pictures with a class replace those of before; others are only looked at.
    pub async fn read(&mut self, size: usize, emit: &dyn Fn(Event)) -> Result<Files, String> {
        let coming = std::mem::take(&mut self.coming);
        if self.pictures.is_none() {
            self.pictures = Some(far::Far::open().await?);
        }
        let pictures = self.pictures.as_mut().expect("it was just opened");
        coming.into_iter().for_each(|file| pictures.add(file));
        let found = pictures.read(size, emit).await?;
        self.loose = found.loose;
        self.new |= !found.files.classes.is_empty();
        Ok(found.files)
    }

    /// A picture that is only to be looked at, if one came.
    pub fn first_loose(&self) -> Option<Subject> {
        self.loose.clone()
    }

    /// The set at the size that a document asks for.
    pub async fn dataset(&mut self, size: usize, seed: u32, emit: &dyn Fn(Event)) -> Result<Dataset, String> {
        let dataset = match &mut self.pictures {
            Some(pictures) => pictures.dataset(size, seed, emit).await?,
            None => return Err(own::Problem::NoPictures.to_string()),
        };
        self.new = false;
        Ok(dataset)
    }
}

/// The pictures themselves, here.
#[cfg(not(target_arch = "wasm32"))]
mod far {
    use super::{Dataset, Event, File, Found, Pictures};

    pub struct Far(Pictures);

    impl Far {
        pub async fn open() -> Result<Far, String> {
            Ok(Far(Pictures::default()))
        }

        pub fn add(&mut self, file: File) {
            self.0.add(file);
        }

        pub async fn read(&mut self, size: usize, emit: &dyn Fn(Event)) -> Result<Found, String> {
            Ok(self.0.read(size, &|done, of| emit(Event::Preparing { done, of })).await)
        }

        pub async fn dataset(&mut self, size: usize, seed: u32, emit: &dyn Fn(Event)) -> Result<Dataset, String> {
            self.0.dataset(size, seed, &|done, of| emit(Event::Preparing { done, of })).await
        }
    }
}

/// The pictures in their own program, loaded into the same worker: src/bin/pictures.rs is its other side.
#[cfg(target_arch = "wasm32")]
mod far {
    use super::{Dataset, Event, File, Found};
    use crate::worker::pictures::Set;
    use crate::worker::protocol::unpack;
    use crate::worker::serve;
    use js_sys::Uint8Array;
    use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

    #[wasm_bindgen]
    extern "C" {
        type Program;
        /// Loads the program: www/engine_worker.js has this function.
        #[wasm_bindgen(catch)]
        async fn pictures() -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method)]
        fn add(this: &Program, name: &str, bytes: &[u8]);
        #[wasm_bindgen(method, catch)]
        async fn read(this: &Program, size: u32, tell: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method, catch)]
        async fn dataset(this: &Program, size: u32, seed: u32, tell: &JsValue) -> Result<JsValue, JsValue>;
    }

    pub struct Far(Program);

    impl Far {
        pub async fn open() -> Result<Far, String> {
            let why = |_| "The part of Whisker that reads pictures could not be loaded: reload the page.".to_string();
            Ok(Far(pictures().await.map_err(why)?.unchecked_into()))
        }

        pub fn add(&mut self, file: File) {
            self.0.add(&file.name, &file.bytes.0);
        }

        pub async fn read(&mut self, size: usize, _emit: &dyn Fn(Event)) -> Result<Found, String> {
            let tell = tell();
            received(self.0.read(size as u32, tell.as_ref()).await)
        }

        pub async fn dataset(&mut self, size: usize, seed: u32, _emit: &dyn Fn(Event)) -> Result<Dataset, String> {
            let tell = tell();
            let set: Result<Set, String> = received(self.0.dataset(size as u32, seed, tell.as_ref()).await)?;
            set.map(Set::unpack)
        }
    }

    fn tell() -> Closure<dyn Fn(u32, u32)> {
        Closure::new(|done, of| serve::post(Event::Preparing { done, of }))
    }

    fn received<T: serde::de::DeserializeOwned>(answer: Result<JsValue, JsValue>) -> Result<T, String> {
        match answer {
            Ok(bytes) => unpack(&bytes.unchecked_into::<Uint8Array>().to_vec()),
            Err(_) => Err("The pictures could not be read: bring fewer or smaller ones.".into()),
        }
    }
}
