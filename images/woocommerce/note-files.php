<?php
// Appends the files that a request has loaded to the file in LOADED. Runs as the last shutdown function, because shutdown functions of
// WordPress load files too.
register_shutdown_function(fn () => register_shutdown_function(
    fn () => file_put_contents(getenv('LOADED'), implode("\n", get_included_files()) . "\n", FILE_APPEND | LOCK_EX),
));
