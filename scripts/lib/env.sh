# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts: finds the JDK and Maven. Works in bash 3.2, which macOS has.

# say MESSAGE...: one line on standard error, each message a sentence or two.
say() {
  printf '%s\n' "$*" >&2
}

# sha256 FILE...: prints the checksum of what files hold together.
sha256() {
  if command -v sha256sum >/dev/null; then
    cat "$@" | sha256sum | cut -d ' ' -f 1
  else
    cat "$@" | shasum -a 256 | cut -d ' ' -f 1
  fi
}

# jdk_version DIR: prints the major version of the JDK in DIR; fails where there is none.
jdk_version() {
  local home=$1 version=
  [[ -x "$home/bin/java" && -x "$home/bin/javac" ]] || return 1
  if [[ -r "$home/release" ]]; then
    version="$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")"
  fi
  if [[ -z "$version" ]]; then
    version="$("$home/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')"
  fi
  [[ -n "$version" ]] && printf '%s\n' "$version"
}

# jdk_candidates VERSION: prints directories that may hold a JDK of this version, one a line.
jdk_candidates() {
  local version=$1 java home
  java="$(command -v java || true)"
  if [[ -n "$java" ]]; then # asked, not resolved: java may be a version manager's wrapper
    "$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p' || true
  fi
  if [[ -x /usr/libexec/java_home ]]; then
    /usr/libexec/java_home -F -v "$version" 2>/dev/null || true
  fi
  for home in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*/jdk* \
    "${HOME:-/root}"/.sdkman/candidates/java/* "${HOME:-/root}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk@"$version" /usr/local/opt/openjdk@"$version"; do
    if [[ -d "$home" ]]; then
      printf '%s\n' "$home"
    fi
  done
}

# find_jdk VERSION...: prints the home of the first JDK found, earlier versions preferred.
# JAVA_HOME comes first when it has any of them.
find_jdk() {
  local version home
  for version in "$@"; do
    if [[ -n "${JAVA_HOME:-}" && "$(jdk_version "$JAVA_HOME")" == "$version" ]]; then
      printf '%s\n' "$JAVA_HOME"
      return 0
    fi
  done
  for version in "$@"; do
    while IFS= read -r home; do
      if [[ "$(jdk_version "$home")" == "$version" ]]; then
        printf '%s\n' "$home"
        return 0
      fi
    done < <(jdk_candidates "$version")
  done
  return 1
}

# use_jdk: exports JAVA_HOME, a JDK that Spark runs on. A Spark of SPARK_HOME whose Hadoop is older than
# 3.5 does not start on Java 24 and later.
use_jdk() {
  local home versions=(17 21 25)
  if compgen -G "${SPARK_HOME:-}/jars/hadoop-client-api-3.[0-4].*" >/dev/null; then
    versions=(17 21)
  fi
  if ! home="$(find_jdk "${versions[@]}")"; then
    say "Unroll needs one of these JDKs, and none was found: ${versions[*]}. Install one (Debian," \
      "Ubuntu: apt-get install openjdk-17-jdk-headless; Fedora: dnf install java-17-openjdk-devel;" \
      "macOS: brew install openjdk@17; or https://adoptium.net), or set JAVA_HOME to it."
    return 1
  fi
  export JAVA_HOME="$home"
}

# find_maven: prints the path of mvn.
find_maven() {
  local mvn
  for mvn in "${MAVEN_HOME:-}/bin/mvn" "${M2_HOME:-}/bin/mvn" "$(command -v mvn || true)" \
    /opt/maven/bin/mvn /usr/share/maven/bin/mvn /opt/homebrew/bin/mvn /usr/local/bin/mvn \
    "${HOME:-/root}/.sdkman/candidates/maven/current/bin/mvn"; do
    if [[ -x "$mvn" && ! -d "$mvn" && "$mvn" != /bin/mvn ]]; then
      printf '%s\n' "$mvn"
      return 0
    fi
  done
  say "Unroll is built with Maven 3.6.3 or newer, and mvn was not found. Install it (Debian," \
    "Ubuntu: apt-get install maven; Fedora: dnf install maven; macOS: brew install maven; or" \
    "https://maven.apache.org/download.cgi), or put its bin directory on PATH."
  return 1
}

# spark_version: the Spark version of the build.
spark_version() {
  sed -n 's:.*<spark\.version>\(.*\)</spark\.version>.*:\1:p' \
    "$(dirname "${BASH_SOURCE[0]}")/../../pom.xml"
}
