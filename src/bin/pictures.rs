//! The program that reads the user's own pictures, fetched into the engine's worker when they come; `worker::own` calls it.

#[cfg(target_arch = "wasm32")]
mod program {
    use js_sys::{Function, Uint8Array};
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
    use whisker::worker::pictures::{self, Set};
    use whisker::worker::protocol::{Bytes, File, pack};

    #[wasm_bindgen]
    #[derive(Default)]
    pub struct Pictures(pictures::Pictures);

    /// What is answered is packed as messages are.
    #[wasm_bindgen]
    impl Pictures {
        #[wasm_bindgen(constructor)]
        pub fn new() -> Pictures {
            Pictures::default()
        }

        pub fn add(&mut self, name: String, bytes: Vec<u8>) {
            self.0.add(File { name, bytes: Bytes(bytes) });
        }

        pub async fn read(&mut self, size: u32, tell: Function) -> Uint8Array {
            let found = self.0.read(size as usize, &hearing(tell)).await;
            Uint8Array::from(&pack(&found)[..])
        }

        pub async fn dataset(&mut self, size: u32, seed: u32, tell: Function) -> Uint8Array {
            let set = self.0.dataset(size as usize, seed, &hearing(tell)).await.map(Set::pack);
            Uint8Array::from(&pack(&set)[..])
        }
    }

    fn hearing(tell: Function) -> impl Fn(u32, u32) {
        move |done, of| drop(tell.call2(&JsValue::NULL, &done.into(), &of.into()))
    }
}

fn main() {}
