//! The WebGPU device, to come.
use super::Loaded;
use crate::plan::{Plan, Tick};

pub struct Gpu;

impl Gpu {
    pub async fn open() -> Result<Gpu, String> {
        Err("WebGPU is not there yet. The CPU takes over.".into())
    }
    pub fn name(&self) -> &str {
        "WebGPU"
    }
    pub fn is_software(&self) -> bool {
        false
    }
    pub fn trouble(&self) -> Option<String> {
        None
    }
    pub async fn load(&mut self, _plan: &Plan) -> Result<Loaded, String> {
        unimplemented!()
    }
    pub fn unload(&mut self, _loaded: Loaded) {}
    pub fn forget(&mut self, _name: &str) {}
    pub fn write(&mut self, _name: &str, _offset: usize, _numbers: &[f32]) {}
    pub fn write_bytes(&mut self, _name: &str, _offset: usize, _bytes: &[u8]) {}
    pub fn run(&mut self, _loaded: Loaded, _ticks: &[Tick]) {}
    pub async fn read(&mut self, _loaded: Loaded, _output: &str) -> Result<Vec<f32>, String> {
        Ok(vec![])
    }
    pub async fn state(&mut self, _name: &str) -> Result<Vec<f32>, String> {
        Ok(vec![])
    }
}
