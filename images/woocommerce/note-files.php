<?php
// Last of all: WordPress loads some files in functions of its own that run at the end of a request.
register_shutdown_function(fn () => register_shutdown_function(
    fn () => file_put_contents(getenv('LOADED'), implode("\n", get_included_files()) . "\n", FILE_APPEND | LOCK_EX),
));
