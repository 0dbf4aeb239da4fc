//! Pictures, feature maps, kernels and rows of units as pixels, one number a pixel; the page enlarges them.

use super::colour::diverging;
use super::{Image, Theme};

/// The largest distance from zero, which is painted in full colour; 1 where all are zero.
///
/// Maps of one layer share a scale, so that a loud one looks louder than a quiet one.
pub fn scale(values: &[f32]) -> f32 {
    let most = values.iter().filter(|v| v.is_finite()).fold(0.0f32, |most, v| most.max(v.abs()));
    if most > 0.0 { most } else { 1.0 }
}

/// One feature map: `values` row by row.
pub fn map(values: &[f32], width: usize, height: usize, scale: f32, theme: Theme) -> Image {
    assert_eq!(values.len(), width * height, "a map of {width} × {height} has as many numbers");
    Image::new(width, height, |x, y| diverging(values[y * width + x] / scale, theme))
}

/// All maps of a layer, one after the other in `values`, on their common scale.
pub fn maps(values: &[f32], width: usize, height: usize, theme: Theme) -> Vec<Image> {
    let scale = scale(values);
    values.chunks_exact((width * height).max(1)).map(|values| map(values, width, height, scale, theme)).collect()
}

/// One channel of an activation that lies as the devices keep it, [height, width, channels].
pub fn channel(values: &[f32], [height, width, channels]: [usize; 3], channel: usize, theme: Theme) -> Image {
    assert_eq!(values.len(), height * width * channels, "an activation has a number for each place and channel");
    let scale = scale(values);
    Image::new(width, height, |x, y| diverging(values[(y * width + x) * channels + channel] / scale, theme))
}

/// A picture of numbers 0 to 1, [height, width, channels]: three channels are red, green, blue; of others the first is grey.
pub fn picture(values: &[f32], [height, width, channels]: [usize; 3]) -> Image {
    assert_eq!(values.len(), height * width * channels, "a picture has a number for each place and channel");
    Image::new(width, height, |x, y| {
        let pixel = &values[(y * width + x) * channels..][..channels];
        let [r, g, b] = if channels == 3 { [0, 1, 2] } else { [0; 3] }.map(|c| byte(pixel[c]));
        [r, g, b, 255]
    })
}

/// One kernel, [height, width, channels].
///
/// With three channels it is painted as the picture that it answers to most: grey where it does not care, red where it
/// wants red. With other counts each pixel is the mean over the channels, in the colours of the signs.
pub fn kernel(values: &[f32], [height, width, channels]: [usize; 3], scale: f32, theme: Theme) -> Image {
    assert_eq!(values.len(), height * width * channels, "a kernel has a number for each place and channel");
    Image::new(width, height, |x, y| {
        let pixel = &values[(y * width + x) * channels..][..channels];
        if channels == 3 {
            let [r, g, b] = [0, 1, 2].map(|c| byte(0.5 + 0.5 * pixel[c] / scale));
            return [r, g, b, 255];
        }
        diverging(pixel.iter().sum::<f32>() / channels as f32 / scale, theme)
    })
}

/// All kernels of a layer, one after the other, each [height, width, channels], on their common scale.
pub fn kernels(values: &[f32], shape: [usize; 3], theme: Theme) -> Vec<Image> {
    let scale = scale(values);
    let count = shape.iter().product::<usize>().max(1);
    values.chunks_exact(count).map(|values| kernel(values, shape, scale, theme)).collect()
}

/// Takes the kernels of a convolution apart: [height, width, channels, filters] → filter after filter.
pub fn by_filter(kernel: &[f32], filters: usize) -> Vec<f32> {
    (0..filters).flat_map(|filter| kernel.iter().skip(filter).step_by(filters)).copied().collect()
}

/// A row of units, one pixel each.
pub fn strip(values: &[f32], theme: Theme) -> Image {
    map(values, values.len(), 1, scale(values), theme)
}

fn byte(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}
