<?php
// WordPress runs this file when the database does not answer. On the command line it must exit with 1, or a Job would look complete.
store_refuse('the database does not answer');
