//! Which device computes, and why: what was asked for, what there is, and a small race between the two.

use super::host;
use super::protocol::{Choice, Device as Kind};
use crate::device::{Device, cpu::Cpu, gpu};
use crate::nn::Target;
use crate::spec::{Data, Spec};
use crate::train::Session;

/// What is known of the GPU.
#[derive(Clone, Debug, PartialEq)]
pub enum Gpu {
    Unknown,
    /// There is none, and why.
    None(String),
    /// There is one, of this name; `software` where the processor plays it.
    There {
        name: String,
        software: bool,
    },
}

impl Gpu {
    /// Whether it could be switched to.
    pub fn is_possible(&self) -> bool {
        !matches!(self, Gpu::None(_))
    }
}

pub fn cpu() -> Device {
    Device::Cpu(Cpu::default())
}

/// What a device is, and its name.
pub fn kind(device: &Device) -> (Kind, String) {
    match device {
        Device::Cpu(_) => (Kind::Cpu, "CPU".into()),
        Device::Gpu(gpu) => (Kind::WebGpu, gpu.name().into()),
    }
}

/// Why a device can no longer be used, if it cannot.
pub fn lost(device: &Device) -> Option<String> {
    match device {
        Device::Cpu(_) => None,
        Device::Gpu(gpu) => gpu.trouble(),
    }
}

/// Opens the GPU and notes what it is.
async fn open(known: &mut Gpu) -> Result<Device, String> {
    match gpu::Gpu::open().await {
        Ok(gpu) => {
            *known = Gpu::There { name: gpu.name().into(), software: gpu.is_software() };
            Ok(Device::Gpu(Box::new(gpu)))
        }
        Err(why) => {
            *known = Gpu::None(why.clone());
            Err(why)
        }
    }
}

/// A device for the first picture, at once: the CPU, unless WebGPU was asked for by name.
pub async fn first(choice: Choice, known: &mut Gpu) -> (Device, String) {
    match choice {
        Choice::Cpu => (cpu(), "You chose the CPU.".into()),
        Choice::Auto => (cpu(), "The CPU starts at once; WebGPU is tried next.".into()),
        Choice::WebGpu => match open(known).await {
            Ok(device) => (device, "You chose WebGPU.".into()),
            Err(why) => (cpu(), why),
        },
    }
}

/// The device that a program asked for, or why it cannot be had; `Auto` begins with the CPU.
pub async fn exactly(choice: Choice, known: &mut Gpu) -> Result<Device, String> {
    match choice {
        Choice::WebGpu => open(known).await,
        Choice::Cpu | Choice::Auto => Ok(cpu()),
    }
}

/// Whether a device that is left over is what [`exactly`] would open.
pub fn suits(choice: Choice, device: &Device) -> bool {
    matches!(device, Device::Gpu(_)) == (choice == Choice::WebGpu) && lost(device).is_none()
}

/// The device to move a session to, if it is another than its own, and why.
pub async fn again(choice: Choice, known: &mut Gpu, session: &Session) -> Result<(Option<Device>, String), String> {
    let on_gpu = matches!(session.device(), Device::Gpu(_));
    match choice {
        Choice::Cpu => Ok((on_gpu.then(cpu), "You chose the CPU.".into())),
        Choice::WebGpu if on_gpu => Ok((None, "You chose WebGPU.".into())),
        Choice::WebGpu => match open(known).await {
            Ok(device) => Ok((Some(device), "You chose WebGPU.".into())),
            Err(why) => Ok((None, why)),
        },
        Choice::Auto => {
            let device = match open(known).await {
                Ok(device) => device,
                Err(why) => return Ok((on_gpu.then(cpu), why)),
            };
            if let Gpu::There { name, software: true } = known {
                let reason = format!("The WebGPU here ({name}) is played by the processor, so the CPU is faster.");
                return Ok((on_gpu.then(cpu), reason));
            }
            let (device, gpu_takes) = fitted(device, session.spec()).await?;
            let (_, cpu_takes) = race(cpu(), session.spec()).await?;
            let ahead = |slow: f64, fast: f64| {
                let tenths = (10.0 * (slow / fast.max(1e-6)).max(1.0)).round() as u64;
                format!("{}.{}", tenths / 10, tenths % 10)
            };
            if gpu_takes < cpu_takes {
                let reason = format!("WebGPU is {} times faster for this network.", ahead(cpu_takes, gpu_takes));
                Ok(((!on_gpu).then_some(device), reason))
            } else {
                let reason = format!("The CPU is {} times faster for this network.", ahead(gpu_takes, cpu_takes));
                Ok((on_gpu.then(cpu), reason))
            }
        }
    }
}

/// Lays tiles out as is fastest for this network on this graphics card; the milliseconds of a step then.
async fn fitted(mut device: Device, spec: &Spec) -> Result<(Device, f64), String> {
    let mut best: Option<(f64, gpu::write::Machine)> = None;
    for machine in gpu::write::CARDS {
        lay_out(&mut device, machine);
        let takes;
        (device, takes) = race(device, spec).await?;
        if best.is_none_or(|(least, _)| takes < least) {
            best = Some((takes, machine));
        }
    }
    let (takes, machine) = best.expect("some layouts are tried");
    lay_out(&mut device, machine);
    Ok((device, takes))
}

fn lay_out(device: &mut Device, machine: gpu::write::Machine) {
    match device {
        Device::Cpu(_) => {}
        Device::Gpu(gpu) => gpu.set_machine(machine),
    }
}

/// The milliseconds of a step on zeros, after the first; gives the device back.
async fn race(device: Device, spec: &Spec) -> Result<(Device, f64), String> {
    /// Steps in a submission, as in training: a graphics card is slow to answer, and only at the end.
    const STEPS: usize = 8;
    /// A step that takes as many milliseconds hides that, and the page waits meanwhile.
    const SLOW: f64 = 25.0;
    let mut spec = spec.clone();
    let sample = crate::spec::Sample::of(&spec);
    spec.data = Data::Given { input: sample.shape.clone(), target: sample.target };
    spec.augment.clear();
    let mut session = Session::create(spec, device, None).await?;
    let batch = session.spec().batch;
    let x = vec![0.5; batch * sample.shape.count()];
    let target: usize = match sample.target {
        Target::Class => session.network().output()[..session.network().output().len() - 1].iter().product(),
        Target::Value => session.network().output().count(),
    };
    let y = vec![0.0; batch * target];
    session.train_batch(&x, &y).await?;
    let mut takes = 0.0;
    for steps in [1, STEPS] {
        let start = host::now();
        session.repeat(batch, steps).await?;
        takes = (host::now() - start) / steps as f64;
        if takes > SLOW {
            break;
        }
    }
    Ok((session.close(), takes))
}
