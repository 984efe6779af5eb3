#!/bin/sh
# Run once by the postgres image, when it has made its data folder. A grant on a function is for one database, and
# template1 hands it on.
set -eu
FAQ_PASSWORD=$(cat "$FAQ_PASSWORD_FILE")
sed "s/\${FAQ_PASSWORD}/$FAQ_PASSWORD/" /faq/roles.sql | psql -v ON_ERROR_STOP=1 --username postgres template1
