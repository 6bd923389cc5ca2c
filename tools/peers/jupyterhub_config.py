"""JupyterHub: 1,352 users and a service whose token may list them. Run in the folder of the peer."""

import json
import os
from pathlib import Path

c = get_config()  # noqa: F821  (JupyterHub gives it)
c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['PEER_PORT']}"
c.JupyterHub.hub_port = int(os.environ["PEER_PORT"]) + 500
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{int(os.environ['PEER_PORT']) + 501}"
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = set(json.loads(Path("users.json").read_text(encoding="utf-8")))
c.JupyterHub.log_level = "ERROR"
c.JupyterHub.services = [{"name": "suite", "api_token": os.environ["PEER_TOKEN"]}]
c.JupyterHub.load_roles = [{"name": "lister", "services": ["suite"], "scopes": ["list:users", "read:users"]}]
