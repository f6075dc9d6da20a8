"""The server with the official client of OpenAI. `cargo xtask test --only openai` runs it."""

import asyncio
import json
import math
import os
import unittest

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

CHAT_MODEL = "SmolLM2-135M-Instruct"
EMBEDDING_MODEL = "all-MiniLM-L6-v2"
QUESTION = [{"role": "user", "content": "What is the capital city of Germany?"}]
ANSWER = "The capital city of Germany is Berlin."


def dot(one, other):
    return sum(a * b for a, b in zip(one, other))


def connect(variable, kind=OpenAI):
    """Returns a client that does not hide errors by further attempts."""
    return kind(base_url=os.environ[variable] + "/v1", api_key="unused", max_retries=0)


class Chats(unittest.TestCase):
    def setUp(self):
        self.client = connect("NOSANA_CHAT_URL")
        self.addCleanup(self.client.close)

    def ask(self, messages=QUESTION, **more):
        options = {"model": CHAT_MODEL, "temperature": 0, "max_tokens": 24, **more}
        return self.client.chat.completions.create(messages=messages, **options)

    def test_a_chat_has_an_answer(self):
        chat = self.ask(logprobs=True, top_logprobs=2, user="someone")
        choice = chat.choices[0]
        self.assertEqual(choice.message.content, ANSWER)
        self.assertEqual((choice.message.role, choice.finish_reason), ("assistant", "stop"))
        self.assertEqual(chat.usage.completion_tokens, len(choice.logprobs.content))
        self.assertEqual(
            chat.usage.total_tokens, chat.usage.prompt_tokens + chat.usage.completion_tokens
        )
        self.assertEqual(len(choice.logprobs.content[0].top_logprobs), 2)

    def test_a_chat_is_streamed(self):
        texts, ends, usage = [], [], None
        for chunk in self.ask(stream=True, stream_options={"include_usage": True}):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                texts.append(choice.delta.content or "")
                ends.append(choice.finish_reason)
        self.assertEqual("".join(texts), ANSWER)
        self.assertGreater(len(texts), 5)
        self.assertEqual([end for end in ends if end], ["stop"])
        self.assertGreater(usage.completion_tokens, 5)

    def test_the_helper_for_streams_collects_the_answer(self):
        options = {"model": CHAT_MODEL, "temperature": 0, "max_tokens": 24}
        with self.client.chat.completions.stream(messages=QUESTION, **options) as stream:
            kinds = {event.type for event in stream}
            chat = stream.get_final_completion()
        self.assertIn("content.delta", kinds)
        self.assertEqual(chat.choices[0].message.content, ANSWER)

    def test_an_answer_has_the_form_of_a_class(self):
        class City(BaseModel):
            name: str
            people: int

        chat = self.client.chat.completions.parse(
            model=CHAT_MODEL,
            messages=[{"role": "user", "content": "Name a city and its people."}],
            temperature=0,
            max_tokens=64,
            response_format=City,
        )
        self.assertIsInstance(chat.choices[0].message.parsed, City)

    def test_an_answer_is_a_json_object(self):
        question = 'Describe a cat as a JSON object with the keys "name" and "age".'
        messages = [{"role": "user", "content": question}]
        chat = self.ask(messages, max_tokens=64, response_format={"type": "json_object"})
        self.assertIsInstance(json.loads(chat.choices[0].message.content), dict)

    def test_texts_are_continued(self):
        options = {"model": CHAT_MODEL, "temperature": 0, "max_tokens": 8}
        prompts = ["The capital of France is", "One, two, three,"]
        whole = self.client.completions.create(prompt=prompts, logprobs=1, **options)
        self.assertIn("Paris", whole.choices[0].text)
        self.assertIn("four", whole.choices[1].text)
        self.assertEqual(len(whole.choices[0].logprobs.tokens), 8)

        texts = {0: "", 1: ""}
        for chunk in self.client.completions.create(prompt=prompts, stream=True, **options):
            for choice in chunk.choices:
                texts[choice.index] += choice.text
        self.assertEqual(texts, {choice.index: choice.text for choice in whole.choices})

    def test_many_chats_run_at_the_same_time(self):
        async def ask_all():
            async with connect("NOSANA_CHAT_URL", AsyncOpenAI) as client:
                options = {"model": CHAT_MODEL, "temperature": 0, "max_tokens": 24}
                ask = client.chat.completions.create
                return await asyncio.gather(*(ask(messages=QUESTION, **options) for _ in range(8)))

        answers = {chat.choices[0].message.content for chat in asyncio.run(ask_all())}
        self.assertEqual(answers, {ANSWER})

    def test_models_are_listed(self):
        models = list(self.client.models.list())
        self.assertEqual([model.id for model in models], [CHAT_MODEL])
        self.assertEqual(self.client.models.retrieve(CHAT_MODEL).id, CHAT_MODEL)

    def test_errors_are_those_of_the_client(self):
        with self.assertRaises(openai.NotFoundError) as caught:
            self.ask(model="gpt-4")
        self.assertEqual((caught.exception.code, caught.exception.param), ("model_not_found", "model"))

        tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
        for more, param in [
            ({"tools": [tool]}, "tools"),
            ({"n": 2}, "n"),
            ({"temperature": 3}, "temperature"),
            ({"max_tokens": 100_000}, "messages"),
            ({"stream": True, "logit_bias": {"1": 5}}, "logit_bias"),
        ]:
            with self.assertRaises(openai.BadRequestError) as caught:
                self.ask(**more)
            self.assertEqual(caught.exception.param, param)
            self.assertEqual(caught.exception.type, "invalid_request_error")

        with self.assertRaises(openai.BadRequestError):
            self.client.embeddings.create(model=CHAT_MODEL, input="text")


class Embeddings(unittest.TestCase):
    def setUp(self):
        self.client = connect("NOSANA_EMBEDDING_URL")
        self.addCleanup(self.client.close)

    def embed(self, texts, **more):
        response = self.client.embeddings.create(model=EMBEDDING_MODEL, input=texts, **more)
        return [entry.embedding for entry in response.data], response.usage

    def test_texts_have_vectors(self):
        texts = ["A cat sits on a mat.", "A kitten rests on a rug.", "Stocks fell on Monday."]
        # The client requests base64 unless it is given a format.
        vectors, usage = self.embed(texts)
        floats, _ = self.embed(texts, encoding_format="float")
        self.assertEqual([len(vector) for vector in vectors], [384] * 3)
        for vector, expected in zip(vectors, floats):
            self.assertTrue(math.isclose(dot(vector, vector), 1, abs_tol=1e-5))
            for one, other in zip(vector, expected):
                self.assertTrue(math.isclose(one, other, abs_tol=1e-7))
        close, far = (dot(vectors[0], vectors[i]) for i in (1, 2))
        self.assertGreater(close, far + 0.3)
        self.assertGreater(usage.prompt_tokens, 15)

    def test_errors_are_those_of_the_client(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.embed("text", dimensions=64)
        self.assertEqual(caught.exception.param, "dimensions")
        with self.assertRaises(openai.BadRequestError) as caught:
            self.embed("word " * 600)
        self.assertEqual(caught.exception.code, "context_length_exceeded")
        with self.assertRaises(openai.BadRequestError):
            self.client.chat.completions.create(model=EMBEDDING_MODEL, messages=QUESTION)


if __name__ == "__main__":
    unittest.main()
