# SPDX-License-Identifier: Apache-2.0
# Sourced behind env.sh by the scripts that run something: builds what they run. Needs root, the
# project's folder.

# shellcheck disable=SC2154 # root comes from the script
jar="$root/spark-job/target/unroll.jar"
assembled="$root/spark-job/target/spark"

# Whether something that goes into the jar or the assembled Spark is newer than the jar.
needs_build() {
  [[ -f "$jar" && -f "$assembled/RELEASE" ]] || return 0
  [[ -n "$(find "$root/pom.xml" "$root/conf/log4j2.properties" \
    "$root/core-rnn/pom.xml" "$root/core-rnn/src/main" "$root/core-rnn/src/generator" \
    "$root/spark-job/pom.xml" "$root/spark-job/src/main" \
    -newer "$jar" -print 2>/dev/null | head -n 1)" ]]
}

# build_if_needed: builds after a change. One build at a time, where there is flock: commands that a
# scheduler starts together wait here.
build_if_needed() {
  needs_build || return 0
  exec 9<"$root/pom.xml"
  if command -v flock >/dev/null; then
    flock 9
  fi
  if needs_build; then
    build || return 1
  fi
  exec 9<&-
}

build() {
  local mvn
  mvn="$(find_maven)" || return 1
  if [[ -f "$jar" ]]; then
    say "Building Unroll again: its sources have changed."
  else
    say "Building Unroll; the first time takes a few minutes and fetches Spark $(spark_version)."
  fi
  if [[ -f "$jar" && -n "$(find "$root/pom.xml" "$root"/*/pom.xml -newer "$jar")" ]]; then
    rm -rf "$assembled/jars" # a new version of a library must not lie beside the old one
  fi
  if ! (cd "$root" && "$mvn" -q -B -DskipTests package) </dev/null >&2; then
    say "The build failed: Maven's message above says where."
    return 1
  fi
  touch "$jar" # an edit that changes no class leaves the jar as it was
}
