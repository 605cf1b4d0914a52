{{/*
Returns the objects from which the Temporal Worker Controller creates one Deployment per version of the worker. Fails with one sentence
when other values contradict them.
*/}}
{{- define "platform.controlledWorker" -}}
{{- $worker := .Values.worker -}}
{{- $temporal := .Values.temporal -}}
{{- $name := printf "%s-worker" (include "platform.name" .) -}}
{{- if $worker.versioning.enabled }}
{{ fail "worker.controller.enabled and worker.versioning.enabled exclude each other: the Worker Controller creates the versions itself" }}
{{- end }}
{{- if $worker.keda.enabled }}
{{ fail "worker.controller.enabled and worker.keda.enabled exclude each other: scale the versions with a WorkerResourceTemplate of the Worker Controller" }}
{{- end }}
{{- if and $temporal.tls.enabled (eq $temporal.authentication "none") (not $temporal.tls.serverName) }}
{{ fail "worker.controller.enabled needs temporal.tls.serverName when temporal.tls.enabled is true, because the Worker Controller uses TLS only with a credential or a server name" }}
{{- end -}}
apiVersion: temporal.io/v1alpha1
kind: Connection
metadata:
  name: {{ include "platform.name" . }}-temporal
  labels:
    {{- include "platform.labels" (dict "root" . "component" "worker") | nindent 4 }}
spec:
  hostPort: {{ $temporal.address | quote }}
  {{- with $temporal.tls.serverName }}
  tls: { serverName: {{ . | quote }} }
  {{- end }}
  {{- if eq $temporal.authentication "certificate" }}
  mutualTLSSecretRef: { name: {{ $temporal.tls.secretName }} }
  {{- else if eq $temporal.authentication "apiKey" }}
  apiKeySecretRef: { name: {{ .Values.existingSecret }}, key: temporal-api-key }
  {{- end }}
---
# Its build ids come from the image and the pod template, so a change of the settings is a new version, too.
apiVersion: temporal.io/v1alpha1
kind: WorkerDeployment
metadata:
  name: {{ $name }}
  labels:
    {{- include "platform.labels" (dict "root" . "component" "worker") | nindent 4 }}
spec:
  replicas: {{ $worker.replicas }}
  workerOptions:
    connectionRef: { name: {{ include "platform.name" . }}-temporal }
    temporalNamespace: {{ $temporal.namespace | quote }}
  rollout:
    strategy: {{ $worker.controller.strategy }}
    {{- if eq $worker.controller.strategy "Progressive" }}
    steps:
      {{- toYaml $worker.controller.steps | nindent 6 }}
    {{- end }}
  sunset:
    {{- toYaml $worker.controller.sunset | nindent 4 }}
  template:
    {{- $labels := include "platform.selectorLabels" (dict "root" . "component" "worker") }}
    {{- include "platform.workerPods" (dict "root" . "version" (dict "image" .Values.image) "labels" $labels "managed" true) | nindent 4 }}
{{- end }}
