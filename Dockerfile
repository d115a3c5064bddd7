# The function's image. Any base image with Python (and pip, for the first stage) and glibc 2.27 or newer will do;
# docs/image.md says why this is the default, and what each layer weighs.
#
#     docker build --build-arg BASE_IMAGE=… --build-arg RUNTIME=litert|tflite-runtime --build-arg BUNDLE=… .
ARG BASE_IMAGE=
# By digest, for every architecture: the same commit builds on the same base. scripts/pin-base takes the tag's newest.
ARG PINNED=python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${BASE_IMAGE:-$PINNED} AS build
ARG RUNTIME=litert
# The default is what `make deploy` or `python -m training prune` made: the users who may be shown, and no others. A link,
# which COPY follows.
ARG BUNDLE=artifacts/published/current

# The glob may match nothing: then pip downloads what scripts/wheelhouse would have provided. Hashes are checked either way.
COPY function/requirements*.txt infra/strip.py artifacts/wheelhous[e] /wheels/
RUN case "$RUNTIME" in \
        litert) requirements=/wheels/requirements.txt ;; \
        tflite-runtime) requirements=/wheels/requirements-tflite-runtime.txt ;; \
        *) echo "RUNTIME=$RUNTIME: use litert or tflite-runtime" >&2; exit 1 ;; \
    esac; \
    if ls /wheels/*.whl >/dev/null 2>&1; then from="--no-index --find-links /wheels"; else from="--only-binary :all:"; fi; \
    python3 -m pip install --disable-pip-version-check --no-cache-dir --no-compile --no-deps --require-hashes $from \
        --target /opt/python --requirement "$requirements" --requirement /wheels/requirements-image.txt

# What nothing here imports, and of the AWS services' descriptions all but DynamoDB's; botocore reads them compressed,
# too. NumPy 1 imports all parts of itself. LiteRT's interpreter needs two of its libraries (libLiteRt.so, which the
# package loads where it is there, is the other API's); the rest compiles models, or drives accelerators that Lambda has
# not. Symbols are for debuggers. Sources are left out once compiled.
RUN cd /opt/python; \
    rm -rf bin google flatbuffers ml_dtypes* tqdm* backports* cffi pycparser* *.dist-info/licenses *.dist-info/sboms \
        *.dist-info/RECORD numpy/f2py numpy/distutils numpy/testing numpy/_pyinstaller numpy/_core/include \
        numpy/_core/lib numpy/random/lib numpy/_core/_simd.*.so numpy/core/include numpy/core/lib numpy/core/_simd.*.so \
        pydantic/v1 pydantic/mypy.py boto3/data boto3/examples; \
    if [ "$RUNTIME" = litert ]; then rm -rf numpy/random numpy/fft numpy/polynomial numpy/ctypeslib; fi; \
    find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name dynamodb -exec rm -rf {} +; \
    find botocore/data -name '*.json' -exec gzip -9n {} +; \
    if [ -d ai_edge_litert ]; then cd ai_edge_litert; \
        rm -rf aot tools vendors tflite libLiteRtWebGpuAccelerator.so *_pb2.py schema_py_generated.py; \
        find . -name '*.so' ! -name '_pywrap_litert_interpreter_wrapper.so' ! -name 'libpywrap_litert_common.so' \
            -delete; \
        cd ..; \
    fi; \
    find . -depth \( -name tests -o -name '*.pyi' \) -exec rm -rf {} +; \
    python3 /wheels/strip.py .; \
    python3 -m compileall -q -b -j 0 --invalidation-mode unchecked-hash .; \
    find . -name '*.py' -delete; \
    chmod -R a+rX .

COPY function/ /var/task/function/
COPY ${BUNDLE}/ /var/task/bundle/
# An image does not change. So the bundle's hashes are compared once, here, not in every cold start; and Python need not
# look whether its sources changed (unchecked, here and above). The requirements were for the stage above.
RUN rm /var/task/function/requirements*; \
    PYTHONPATH=/var/task:/opt/python PYTHONDONTWRITEBYTECODE=1 python3 -c \
        "from pathlib import Path; from function.bundle.format import mark_checked; \
        mark_checked(Path('/var/task/bundle'))" && \
    python3 -m compileall -q --invalidation-mode unchecked-hash /var/task/function && chmod -R a+rX /var/task

FROM ${BASE_IMAGE:-$PINNED}
COPY --from=build /opt/python /opt/python
COPY --from=build /var/task/bundle /var/task/bundle
COPY --from=build /var/task/function /var/task/function
# One thread: a function of this size has a fraction of a core, and OpenBLAS would reserve memory for each it sees.
ENV PYTHONPATH=/var/task:/opt/python PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
    BUNDLE_DIR=/var/task/bundle
WORKDIR /var/task
# Nobody: it writes below /tmp only. `sam local` builds an image of its own on this one, into which it puts its emulator
# of Lambda; that build, and nothing else, needs root.
USER 65534:65534
ONBUILD USER root
ENTRYPOINT ["python3", "-m", "awslambdaric"]
CMD ["function.handler.handler"]
