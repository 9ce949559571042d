"""Started for each call: asks once, tries again when the date says that it may, and tells what its clocks show."""
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

call = json.load(sys.stdin)
body = json.dumps({"model": call["model"], "messages": [{"role": "user", "content": call["prompt"]}]}).encode()
headers = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "content-type": "application/json"}
headers.update(call["headers"])
seen = []


def ask():
    before = time.time()
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body, headers)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    answer.read()
    date = parsedate_to_datetime(answer.headers["date"]).timestamp()
    seen.append({"call": call["id"], "before": before, "date": date, "after": time.time()})
    return answer


answer = ask()
while answer.status == 429:
    due = parsedate_to_datetime(answer.headers["retry-after"]).timestamp()
    time.sleep(max(0, due - time.time()))
    answer = ask()
monotonic = time.monotonic()
time.sleep(1)
child = float(subprocess.run(["date", "+%s.%N"], capture_output=True, text=True, check=True).stdout)
told = {"seen": seen, "slept": time.monotonic() - monotonic, "child": child, "end": time.time()}
print(json.dumps({**told, "shared": os.environ["FAKETIME_SHARED"]}), file=sys.stderr, flush=True)
print(json.dumps("done"))
