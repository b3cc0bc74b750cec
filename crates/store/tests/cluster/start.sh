#!/bin/sh
# start.sh BIN PORT FSYNC: starts a PostgreSQL server of its own in a new temporary directory, on 127.0.0.1:PORT, says where and with which process,
# and waits until its input ends (whoever started it is gone, however that came). Then it stops the server and removes the directory.
# Root may not run PostgreSQL: the account "postgres" or "nobody" does then.
# A line "kill" on its input kills the server as a crash would; a line "start" starts it again.
bin=$1 port=$2 fsync=$3
dir=$(mktemp -d /tmp/phteah-postgres.XXXXXX) || exit 1
as=
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$dir"
  as="runuser -u $user --"
fi
cd "$dir" || exit 1
stop() {
  # Started by this process, so that no other server is ever stopped.
  [ -s data/postmaster.pid ] && kill -QUIT "$(head -1 data/postmaster.pid)" 2>/dev/null
  i=0
  while [ -n "$server" ] && kill -0 "$server" 2>/dev/null && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
  cd /
  rm -rf "$dir"
}
trap 'stop; exit 0' INT TERM HUP
fail() { echo "failed: $1"; cat log >&2 2>/dev/null; stop; exit 1; }
$as "$bin/initdb" -D "$dir/data" -U tester --auth=trust --encoding=UTF8 --locale=C --no-sync >log 2>&1 || fail initdb
{
  echo "listen_addresses = '127.0.0.1'"
  echo "port = $port"
  echo "unix_socket_directories = ''"
  echo "max_connections = 300"
  echo "shared_buffers = 32MB"
  # What survives the end of every process, as these tests kill them, does not need the disk.
  echo "fsync = $fsync"
  echo "autovacuum = off"
} >>data/postgresql.conf
# One user needs a password.
{
  echo "host all guarded 127.0.0.1/32 scram-sha-256"
  echo "host all all 127.0.0.1/32 trust"
} >data/pg_hba.conf
start() {
  $as "$bin/postgres" -D "$dir/data" >>log 2>&1 </dev/null &
  server=$!
  i=0
  until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U tester -d postgres; do
    kill -0 "$server" 2>/dev/null || return 1
    i=$((i + 1))
    [ $i -lt 600 ] || return 1
    sleep 0.05
  done
}
start || fail postgres
echo "ready $dir"
while read -r word; do
  case $word in
    kill)
      kill -9 "$(head -1 data/postmaster.pid)"
      wait "$server" 2>/dev/null
      # Its children notice by themselves; the next start waits for that.
      echo "killed"
      ;;
    start)
      i=0
      until start; do
        i=$((i + 1))
        [ $i -lt 50 ] || fail postgres
        sleep 0.1
      done
      echo "started"
      ;;
  esac
done
stop
