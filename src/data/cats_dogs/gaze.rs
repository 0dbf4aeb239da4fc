//! Where a head is and which way it looks: from places in the head to points on the sheet.

use super::shape::{Disc, Point, Shape};

/// Where a head is on the sheet, and which way it looks.
#[derive(Clone, Copy, Debug)]
pub struct Gaze {
    pub centre: Point,
    /// Pixels in a head radius.
    pub unit: f32,
    /// (sine, cosine) of turning right, nodding down, tilting.
    pub yaw: Point,
    pub pitch: Point,
    pub roll: Point,
}

/// A place in the head.
pub type Place = [f32; 3];

impl Gaze {
    pub fn new(centre: Point, unit: f32, yaw: f32, pitch: f32, roll: f32) -> Gaze {
        let pair = |angle: f32| [libm::sinf(angle), libm::cosf(angle)];
        Gaze { centre, unit, yaw: pair(yaw), pitch: pair(pitch), roll: pair(roll) }
    }

    pub fn at(&self, [x, y, z]: Place) -> Point {
        let (x, z) = (x * self.yaw[1] + z * self.yaw[0], z * self.yaw[1] - x * self.yaw[0]);
        let y = y * self.pitch[1] + z * self.pitch[0];
        let (x, y) = (x * self.roll[1] - y * self.roll[0], x * self.roll[0] + y * self.roll[1]);
        [self.centre[0] + x * self.unit, self.centre[1] + y * self.unit]
    }

    pub fn ball(&self, place: Place, radius: f32) -> Disc {
        (self.at(place), radius * self.unit)
    }

    /// How much a surface whose normal leaves the face towards (x, z) is turned to the viewer, -1 to 1.
    pub fn facing(&self, x: f32, z: f32) -> f32 {
        (z * self.yaw[1] - x * self.yaw[0]) / (x * x + z * z).sqrt()
    }

    pub fn line(&self, places: &[Place]) -> Vec<Point> {
        places.iter().map(|&p| self.at(p)).collect()
    }

    /// A spot on the surface, narrowed as the surface turns away; `None` beyond the edge.
    pub fn spot(&self, place: Place, radii: Point) -> Option<Shape> {
        let turned = self.facing(place[0] * 0.6, place[2]);
        (turned > 0.08).then(|| {
            let mut shape = Shape::new();
            let wide = radii[0] * turned.max(0.3) * self.unit;
            shape.ellipse(self.at(place), [wide, radii[1] * self.unit], [self.roll[1], self.roll[0]]);
            shape
        })
    }
}
