-- The superuser runs this script once, when Postgres initializes the data directory. Medusa's role owns only its own database.
\set password `cat /run/secrets/store/db-password`
CREATE ROLE medusa LOGIN PASSWORD :'password';
CREATE DATABASE medusa OWNER medusa;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
