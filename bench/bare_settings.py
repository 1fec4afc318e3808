from config.settings import *  # noqa: F403 - all of the bank's but its URLs

ROOT_URLCONF = "bench.bare"
