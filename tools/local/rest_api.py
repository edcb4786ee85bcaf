"""Adds what MiniStack does not import of the API: `ANY` methods and API Gateway's own responses."""

from __future__ import annotations

from tools.local.aws import LocalAws
from tools.local.deploy import Deployed
from tools.programs.environment import ACCOUNT, REGION
from tools.template.reader import Template

STAGE = "live"
_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
_INVOKE = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{_FUNCTION}{{}}/invocations"


def complete(aws: LocalAws, template: Template, deployed: Deployed) -> None:
    """Complete the deployed API to what AWS would create from the template, without systems that are off."""
    gateway = aws.client("apigateway")
    api = deployed.resources["Api"]
    pages = gateway.get_paginator("get_resources").paginate(restApiId=api)
    ids = {found["path"]: found["id"] for page in pages for found in page["items"]}
    for route in template.routes:
        if route.function not in deployed.resources:
            continue
        method = {"restApiId": api, "resourceId": ids[route.path], "httpMethod": route.method}
        gateway.put_method(**method, authorizationType="NONE")
        uri = _INVOKE.format(deployed.resources[route.function])
        gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    for kind, answer in template.gateway_responses.items():
        headers = answer["ResponseParameters"]["Headers"]
        gateway.put_gateway_response(
            restApiId=api,
            responseType=kind,
            **({"statusCode": answer["StatusCode"]} if "StatusCode" in answer else {}),
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            responseTemplates=answer["ResponseTemplates"],
        )
    gateway.create_deployment(restApiId=api, stageName=STAGE)
