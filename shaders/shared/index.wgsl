// The linear number of a workgroup, in whichever way the launch is spread over the three dimensions.
fn linear(group: vec3u) -> i32 {
    return i32(group.x + group.y * u32(SPREAD));
}
