# Says the statements that make the deployment's role and database, from POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB.
# One holds the password: what runs them must not log statements.

literal() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }
name() { printf '"%s"' "$(printf %s "$1" | sed 's/"/""/g')"; }

# $1: what the role may do beside logging in.
owner_statements() {
  owner=${POSTGRES_USER:-postgres}
  if [ "$owner" != postgres ]; then echo "CREATE ROLE $(name "$owner") LOGIN $1;"; fi
  echo "ALTER ROLE $(name "$owner") PASSWORD $(literal "$POSTGRES_PASSWORD");"
  if [ "${POSTGRES_DB:-$owner}" != postgres ]; then
    echo "CREATE DATABASE $(name "${POSTGRES_DB:-$owner}") OWNER $(name "$owner");"
  fi
}
