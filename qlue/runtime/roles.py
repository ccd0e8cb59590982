"""Roles in the database: the owner makes tables, the app only reads and writes rows, under row security.

Works on the embedded server and on any other; a server that forbids us to make roles gets a message with the SQL.
"""

import hashlib
import hmac
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

OWNER, APP = "qlue_owner", "qlue_app"


class RolesError(Exception):
    """The server does not let us prepare it; the text holds the SQL for its administrator."""


def as_url(parts: dict[str, str]) -> str:
    """`postgresql://...` of connection parts as libpq names them; a socket's folder goes into the query."""
    rest = dict(parts)
    user, password, database = rest.pop("user", ""), rest.pop("password", ""), rest.pop("dbname", "")
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    place = ""
    # A folder as host is a Unix socket, which does not fit before the slash of a URL.
    if not rest.get("host", "/").startswith(("/", "@")):
        place = f"{rest.pop('host')}:{rest.pop('port', '5432')}"
    query = f"?{urlencode(rest)}" if rest else ""
    return f"postgresql://{login}@{place}/{quote(database, safe='')}{query}"


def url_parts(url: str) -> dict[str, str]:
    return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}


def app_password(secret: str, role: str = APP) -> str:
    return hmac.new(secret.encode(), f"qlue database role {role}".encode(), hashlib.sha256).hexdigest()


def app_url(owner_url: str, secret: str) -> str:
    """The same database for the app's role; its password follows from the secret key, so nobody must keep it."""
    return as_url({**url_parts(owner_url), "user": APP, "password": app_password(secret)})


def django_database(url: str, options: dict[str, object]) -> dict[str, object]:
    """The URL as an entry of Django's DATABASES; `options` join those that the URL brings (sslmode ...)."""
    parts = url_parts(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    entry: dict[str, object] = {name: parts.pop(part, "") for name, part in names.items()}
    return {"ENGINE": "django.db.backends.postgresql", **entry, "OPTIONS": {**parts, **options}}


def provision_embedded(superuser_url: str, secret: str, database: str = "qlue") -> None:
    """Owner, database and app role on our own server, whose superuser we are. May be repeated."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        if not row_exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", OWNER):
            connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB; GRANT pg_read_all_stats TO {OWNER}")
        if not row_exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", APP):
            create_app_role(connection, secret)
        if not row_exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql_identifier(database), sql_identifier(OWNER))
            )
    inside = {**url_parts(superuser_url), "dbname": database}
    # The extension is made by the superuser, for an ordinary owner may not.
    with psycopg.connect(as_url(inside), autocommit=True) as connection:
        add_statement_statistics(connection)
    provision(as_url({**inside, "user": OWNER}), secret)


def provision(owner_url: str, secret: str, app: str = "") -> None:
    """Role and rights of the app in the database that `owner_url` owns. May be repeated; changes nothing then.

    `app` is the app's own URL where its password is not the one that follows from the secret.
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        if not row_exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", APP):
            create_app_role(connection, secret)
        owner = connection.info.user
        # Granting takes locks on all tables, so it is not repeated at every start.
        if not is_granted(connection, owner):
            connection.execute(grant_statement(owner))
            grant_existing(connection, owner)
        add_statement_statistics(connection)
    check_app_login(app or app_url(owner_url, secret), owner_url, secret)


def create_app_role(connection: psycopg.Connection, secret: str) -> None:
    try:
        connection.execute(app_role_statement(connection, secret, "CREATE"))
    except psycopg.errors.InsufficientPrivilege as error:
        statement = app_role_statement(connection, secret, "CREATE").as_string(connection)
        raise RolesError(
            f"{connection.info.user} may not make roles; let an administrator run:\n  {statement};"
        ) from error


def app_role_statement(connection: psycopg.Connection, secret: str, verb: str) -> sql.Composed:
    """The password goes out only as its SCRAM verifier: statements end up in logs."""
    verifier = connection.pgconn.encrypt_password(app_password(secret).encode(), APP.encode(), b"scram-sha-256")
    statement = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}")
    return statement.format(sql.SQL(verb), sql_identifier(APP), sql.Literal(verifier.decode()))


def is_granted(connection: psycopg.Connection, owner: str) -> bool:
    """True when what the owner makes from now on is already open to the app."""
    return row_exists(
        connection,
        """SELECT 1 FROM pg_default_acl d, aclexplode(d.defaclacl) a
           WHERE d.defaclrole = %s::regrole AND d.defaclobjtype = 'f' AND a.grantee = %s::regrole
             AND d.defaclnamespace = 'public'::regnamespace""",
        quote_identifier(owner, connection),
        APP,
    )


def grant_statement(owner: str) -> sql.Composed:
    """Rows, never tables: the app may not create, alter, truncate or own."""
    return sql.SQL(
        """
        GRANT USAGE ON SCHEMA public TO {app};
        ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
        ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app};
        ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {app};
        """
    ).format(app=sql_identifier(APP), owner=sql_identifier(owner))


def grant_existing(connection: psycopg.Connection, owner: str) -> None:
    """The same rights on what exists already, but for an extension's views, which the owner may not grant."""
    relations = connection.execute(
        """SELECT c.relkind = 'S', quote_ident(c.relname) FROM pg_class c
           WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = %s::regrole
             AND c.relkind IN ('r', 'p', 'v', 'S')""",
        (quote_identifier(owner, connection),),
    ).fetchall()
    for sequence, relation in relations:
        privilege = "USAGE, SELECT ON SEQUENCE" if sequence else "SELECT, INSERT, UPDATE, DELETE ON TABLE"
        connection.execute(f"GRANT {privilege} public.{relation} TO {APP}".encode())


def check_app_login(url: str, owner_url: str, secret: str) -> None:
    """The app's role must be able to sign in, and row security must bind it; raises RolesError."""
    try:
        with psycopg.connect(url) as connection:
            bypasses_security = row_exists(
                connection, "SELECT 1 FROM pg_roles WHERE rolname = %s AND (rolsuper OR rolbypassrls)", APP
            )
    except psycopg.OperationalError as error:
        with psycopg.connect(owner_url) as connection:
            statement = app_role_statement(connection, secret, "ALTER").as_string(connection)
        hint = f"If the secret key is new, let an administrator run:\n  {statement};"
        raise RolesError(f"{APP} cannot sign in: {error}\n{hint}") from error
    if bypasses_security:
        raise RolesError(f"{APP} must not bypass row security: ALTER ROLE {APP} NOSUPERUSER NOBYPASSRLS;")


def add_statement_statistics(connection: psycopg.Connection) -> None:
    """Statement statistics, where the server offers them and lets us; nothing needs them but the benches."""
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    except psycopg.Error:
        return


def row_exists(connection: psycopg.Connection, query: str, *values: str) -> bool:
    return connection.execute(query.encode(), values).fetchone() is not None


def quote_identifier(identifier: str, connection: psycopg.Connection) -> str:
    return sql_identifier(identifier).as_string(connection)


def sql_identifier(identifier: str) -> sql.Identifier:
    return sql.Identifier(identifier)
