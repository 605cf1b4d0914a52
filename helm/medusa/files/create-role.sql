-- Run once, by the superuser, while the database folder is made. Medusa's role owns its database and nothing else.
\set password `cat /run/secrets/store/db-password`
CREATE ROLE medusa LOGIN PASSWORD :'password';
CREATE DATABASE medusa OWNER medusa;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
