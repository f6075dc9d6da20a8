"""Resources from an S3 server of others, moto. `cargo xtask test --only buckets` runs it."""

import json
import logging
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

# A page has few objects, so that lists have several pages. The server reads it when it is imported.
os.environ["MOTO_S3_DEFAULT_MAX_KEYS"] = "3"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
# A profile, an endpoint or a region of the user would be the client's, too.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "models"
# It prints every request.
logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Buckets(unittest.TestCase):
    def setUp(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        self.addCleanup(self.server.stop)
        host, port = self.server.get_host_and_port()
        self.url = f"http://{host}:{port}"

        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="unused",
            aws_secret_access_key="unused",
        )
        self.addCleanup(self.client.close)
        self.client.create_bucket(Bucket=BUCKET)
        self.addCleanup(self.forget_all)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def forget_all(self):
        """Servers of one process share what they have."""
        request = urllib.request.Request(self.url + "/moto-api/reset", method="POST")
        urllib.request.urlopen(request).close()

    def put(self, key, content, acl="public-read"):
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content, ACL=acl)

    def run_fetch(self, **fields):
        """Runs the program that fetches a resource."""
        resource = {"type": "S3", "target": "/data", **fields}
        command = [os.environ["NOSANA_FETCH_RESOURCE"], self.folder.name, json.dumps(resource)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def fetch(self, **fields):
        """Returns the files of a resource by their paths."""
        done = self.run_fetch(**fields)
        self.assertEqual(done.returncode, 0, done.stderr)

        folder = pathlib.Path(done.stdout.strip())
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    def refuse(self, **fields):
        """Returns why a resource cannot be fetched."""
        done = self.run_fetch(**fields)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr

    def test_a_folder_of_several_pages_is_fetched_whole(self):
        expected = {f"{number}/part.bin": bytes([number]) * number for number in range(8)}
        for name, content in expected.items():
            self.put(f"set/{name}", content)
        self.put("set-b/other.bin", b"another folder")

        self.assertEqual(self.fetch(url=f"{self.url}/{BUCKET}/set"), expected)
        self.assertEqual(self.fetch(url=f"{self.url}/set/", bucket=BUCKET), expected)
        whole = self.fetch(url=f"{self.url}/{BUCKET}")
        self.assertEqual(len(whole), 9)
        self.assertEqual(whole["set-b/other.bin"], b"another folder")

    def test_names_may_have_any_characters(self):
        names = ["a b.txt", "ä+ü.txt", "50%25.txt", "R&D<1>.txt", "q?x=1#y.txt", "~'(x)!.txt"]
        expected = {name: name.encode() for name in names}
        for name, content in expected.items():
            self.put(f"odd names/{name}", content)

        self.assertEqual(self.fetch(url=f"{self.url}/odd names", bucket=BUCKET), expected)

    def test_files_are_looked_up_one_by_one(self):
        for number in range(5):
            self.put(f"set/{number}.bin", str(number).encode())
        url = f"{self.url}/{BUCKET}/set"

        some = self.fetch(url=url, files=["4.bin", "0.bin"])
        self.assertEqual(some, {"4.bin": b"4", "0.bin": b"0"})
        self.assertIn("the object `4` does not exist", self.refuse(url=url, files=["4"]))

    def test_a_changed_object_is_fetched_again(self):
        url = f"{self.url}/{BUCKET}/set"
        self.put("set/a.bin", b"one")
        self.assertEqual(self.fetch(url=url), {"a.bin": b"one"})

        self.put("set/a.bin", b"two")
        self.assertEqual(self.fetch(url=url), {"a.bin": b"two"})

    def test_an_object_of_several_parts_is_fetched(self):
        key = {"Bucket": BUCKET, "Key": "set/large.bin"}
        parts = [b"a" * (5 << 20), b"b" * 1000]
        upload = self.client.create_multipart_upload(**key, ACL="public-read")["UploadId"]
        tags = []
        for number, part in enumerate(parts, start=1):
            sent = self.client.upload_part(**key, UploadId=upload, PartNumber=number, Body=part)
            tags.append({"PartNumber": number, "ETag": sent["ETag"]})
        self.client.complete_multipart_upload(
            **key, UploadId=upload, MultipartUpload={"Parts": tags}
        )

        self.assertEqual(self.fetch(url=f"{self.url}/{BUCKET}/set"), {"large.bin": b"".join(parts)})

    def test_what_needs_keys_is_refused_with_its_url(self):
        self.put("set/a.bin", b"public")
        self.put("set/b.bin", b"secret", acl="private")

        problem = self.refuse(url=f"{self.url}/{BUCKET}/set")
        self.assertIn("/set/b.bin", problem)
        self.assertIn("403", problem)
        missing = self.refuse(url=f"{self.url}/none/set")
        self.assertIn("404", missing)


if __name__ == "__main__":
    unittest.main()
