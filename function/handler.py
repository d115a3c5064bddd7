"""The Lambda handler: API Gateway events (v2 and v1) to ASGI, through Mangum.

Everything is loaded here, at module scope: Lambda's INIT phase has a full CPU and happens once. `lifespan` is off
because Mangum would run it inside every invocation.
"""

from mangum import Mangum

from function.app import create_app

handler = Mangum(create_app(), lifespan="off")
