#!/bin/sh
# Makes the secrets of deploy/compose.yml in deploy/secrets, once; what is there stays.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
[ -e secrets/session_keys ] && { echo "deploy/secrets is there already"; exit 0; }
word() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
postgres=$(word)
redis=$(word)
word > secrets/postgres_admin
printf %s "$postgres" > secrets/postgres_faq
printf 'postgresql://faq:%s@postgres:5432/faq' "$postgres" > secrets/database_url
printf 'redis://:%s@redis:6379/0' "$redis" > secrets/redis_url
printf 'include /etc/redis/faq.conf\nrequirepass %s\n' "$redis" > secrets/redis_conf
word > secrets/session_keys
# The containers' users are others than yours, and the folder keeps everybody else out.
chmod 0700 secrets
chmod 0444 secrets/*
