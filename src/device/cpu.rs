//! The CPU device, to come.
use super::Loaded;
use crate::plan::{Plan, Tick};

pub struct Cpu;

impl Cpu {
    pub fn load(&mut self, _plan: &Plan) -> Result<Loaded, String> {
        unimplemented!()
    }
    pub fn unload(&mut self, _loaded: Loaded) {}
    pub fn forget(&mut self, _name: &str) {}
    pub fn write(&mut self, _name: &str, _offset: usize, _numbers: &[f32]) {}
    pub fn write_bytes(&mut self, _name: &str, _offset: usize, _bytes: &[u8]) {}
    pub fn run(&mut self, _loaded: Loaded, _tick: &Tick) {}
    pub fn read(&self, _loaded: Loaded, _output: &str) -> Vec<f32> {
        vec![]
    }
    pub fn state(&self, _name: &str) -> Vec<f32> {
        vec![]
    }
}
