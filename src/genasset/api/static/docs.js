// Shows the API's description with Swagger UI; nothing is fetched from anywhere but this server.
"use strict";

const reference = document.getElementById("reference");

// A form field for files that nobody filled would be sent as an empty file.
function withoutEmptyFiles(request) {
  if (request.body instanceof FormData) {
    for (const [name, value] of [...request.body]) {
      if (value instanceof Blob && value.size === 0) request.body.delete(name);
    }
  }
  return request;
}

SwaggerUIBundle({
  url: reference.dataset.description,
  domNode: reference,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  requestInterceptor: withoutEmptyFiles,
  validatorUrl: null,
});
