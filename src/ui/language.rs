//! Every word of the page that does not come from a row's own label or help, one file a language.
//!
//! To add a language: write a file with a [`Words`] constant and put it into [`LANGUAGES`].

mod en;

/// Every language of the page, the first one for whoever speaks none of them.
pub static LANGUAGES: &[&Words] = &[&en::EN];

/// The language that fits a tag such as `en-GB`.
pub fn find(tag: &str) -> &'static Words {
    let stem = tag.split('-').next().unwrap_or_default();
    LANGUAGES.iter().copied().find(|words| words.tag == stem).unwrap_or(LANGUAGES[0])
}

/// Puts values where a sentence has their names in braces: `fill("{n} steps", &[("n", "3")])` is `3 steps`.
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut text = sentence.to_string();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

macro_rules! words {
    ($($(#[$head:meta])* $name:ident { $($word:ident),* $(,)? })*) => {
        /// The words of one language.
        #[derive(Debug)]
        pub struct Words {
            /// The language's tag, `en`.
            pub tag: &'static str,
            $($(#[$head])* $(pub $word: &'static str,)*)*
        }
    };
}

words! {
    bar {
        product, hint, play, pause, rewind, step, step_more, step_picture, step_batch, step_epoch, dice, epochs, steps,
        speed, undo, redo, share, shared, share_failed, more, save, open, presets, document_name, theme, theme_auto,
        theme_light, theme_dark, device, device_waiting, device_moving, device_auto, device_auto_help, device_cpu, device_cpu_help,
        device_webgpu, device_webgpu_help, device_none, controls, views, seed_of, speed_points, key_space,
        share_help, untitled, bench, code, code_help, code_panel, code_close, code_copied, copy_failed, kept_file,
    }
    data {
        data, data_note, sets, pictures, picture_right, picture_wrong, own, choose_files,
        choose_folder, camera, camera_none, drop_label, augment, augmented, batch, optimizer, loss, learning_rate, schedule,
        penalty_l1, penalty_l2, clip, epochs_of, stop, stop_never, stop_accuracy, stop_patience, seed, settings, size,
        train_count, test_count, noise, preparing, more_pictures, points_help, training, expected,
        clip_at, stop_share, stop_epochs,
    }
    network {
        network, parameters, input, input_pictures, input_points, add_here, add_end, search, nothing_found, move_up,
        move_down, duplicate, delete, name, inputs, inputs_help, drag, layer_moved,
        layer_added, layer_deleted, output_of, group_weights, group_pictures, group_shapes,
        group_functions, group_regularisers, group_joins, group_sequences, input_choice, layers, without, to_mend,
    }
    result {
        result, test_loss, test_right, no_figure, loss_chart, accuracy_chart, accuracy_toggle, train, test, log_scale,
        smooth, at_step, this_picture, this_point, is_right, is_wrong, right_and_wrong, said, cell, cell_title, plane,
        plane_title, close_cell, chart_help, chart_tools,
    }
    spoken {
        started, paused, milestone, ended_epochs, ended_accuracy, ended_patience, diverged, opened, undone,
        redone, rewound, new_seed, device_now,
    }
    trouble {
        files_taken, files_looked, files_refused, files_none, document_bad, mended, messages, dismiss,
        kept, source_bad, reading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language_or_the_first() {
        assert_eq!(find("en-GB").tag, "en");
        assert_eq!(find("tlh").tag, LANGUAGES[0].tag);
    }

    #[test]
    fn values_are_put_in_by_name() {
        assert_eq!(fill("{a} of {b}", &[("a", "1"), ("b", "2")]), "1 of 2");
    }
}
