"""The article's Locust users, who rest for 0.2 to 0.5 s: what scenario.yaml has as constant-vus."""
import itertools
import os

from locust import HttpUser, between, task

numbers = itertools.count(1)


class ChatUser(HttpUser):
    host = os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:4010/v1")
    wait_time = between(0.2, 0.5)

    def on_start(self):
        # A proxy variable of the machine must not send loopback traffic away.
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
            # A row of their own: refusals take a millisecond, and would halve the median of the answers. They stay failures,
            # as every 4xx is to Locust.
            if response.status_code == 429:
                response.request_meta["name"] = "refused"
