"""The article's Locust users, with pauses of 0.2 to 0.5 s: the same load as constant-vus in scenario.yaml."""
import itertools
import os

from locust import HttpUser, between, task

numbers = itertools.count(1)


class ChatUser(HttpUser):
    host = os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:4010/v1")
    wait_time = between(0.2, 0.5)

    def on_start(self):
        # Ignore proxy variables: loopback traffic must not go through a proxy.
        self.client.trust_env = False

    @task
    def chat(self):
        with self.client.post(
            "/chat/completions",
            name="answered",
            json={
                "model": "gpt-4o-mini",
                "messages": [{"role": "user", "content": f"Say something kind, for the {next(numbers)}. time."}],
            },
            headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'sk-locust')}"},
            catch_response=True,
        ) as response:
            # Count refusals in a separate row: they take a millisecond, which would distort the median of the answers. Locust
            # counts every 4xx as a failure, so they remain failures.
            if response.status_code == 429:
                response.request_meta["name"] = "refused"
