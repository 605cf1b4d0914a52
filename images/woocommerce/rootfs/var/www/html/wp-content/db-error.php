<?php
// What WordPress shows when the database does not answer. On the command line it must fail, or a Job would look complete.
store_refuse('the database does not answer');
