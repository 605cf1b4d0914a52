{{/* Returns the prefix of all object names. */}}
{{- define "platform.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Returns the labels of an object. Takes a dict: root, component. */}}
{{- define "platform.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "platform.selectorLabels" . }}
app.kubernetes.io/part-of: store-platform
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/* Returns the selector labels. They never change, because selectors are immutable. Takes a dict: root, component. */}}
{{- define "platform.selectorLabels" -}}
app.kubernetes.io/name: store-platform
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Returns an image reference, as the charts of the stores do. Takes a dict: root, image. */}}
{{- define "platform.image" -}}
{{- $values := .root.Values -}}
{{- $repository := .image.repository | default $values.image.repository -}}
{{- $tag := .image.tag | default .root.Chart.AppVersion -}}
{{- $locked := .root.Files.Get "digests.json" | fromJson -}}
{{- $digest := .image.digest | default (get $locked (printf "%s:%s" $repository $tag)) -}}
{{- $name := $repository -}}
{{- if and $values.imageRegistry (not (regexMatch "^([^/]*[.:][^/]*|localhost)/" $repository)) -}}
{{- $name = printf "%s/%s" $values.imageRegistry $repository -}}
{{- end -}}
{{- if $digest -}}
{{ $name }}@{{ $digest }}
{{- else if $values.requireDigests -}}
{{ fail (printf "the image %s:%s has no digest: set image.digest, or run npm run images -- lock" $name $tag) }}
{{- else -}}
{{ $name }}:{{ $tag }}
{{- end -}}
{{- end }}

{{/* Returns the version of the worker of this release. */}}
{{- define "platform.buildId" -}}
{{ .Values.worker.versioning.buildId | default .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Fails with one sentence when the namespace of the release is one of those in which the worker may write. */}}
{{- define "platform.checkNamespace" -}}
{{- if hasPrefix "store-" .Release.Namespace -}}
{{ fail (printf "the namespace %s begins with store-, as the namespaces of stores do: install the platform in another namespace" .Release.Namespace) }}
{{- end -}}
{{- end }}

{{/* Returns the fields that every pod spec has in common. Takes a dict: root, component, token. */}}
{{- define "platform.podBasics" -}}
serviceAccountName: {{ include "platform.name" .root }}-{{ .component }}
automountServiceAccountToken: {{ .token }}
# Service links set variables such as STORE_PLATFORM_API_PORT, which could override settings.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "platform.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Returns where the pods of a component run, and their priority. Takes a value such as .Values.api. */}}
{{- define "platform.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Returns the rules that spread the pods of a component over nodes and zones. Takes a dict: root, component, labels. */}}
{{- define "platform.spread" -}}
{{- $labels := .labels }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    # Without it, the pods that an upgrade replaces count, and those of the new version end on one node.
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
  {{- end }}
{{- end }}

{{/* Returns the URL of the API inside the cluster. */}}
{{- define "platform.apiUrl" -}}
http://{{ include "platform.name" . }}-api.{{ .Release.Namespace }}.svc:80
{{- end }}

{{/* Returns a variable whose value is a key of the Secret. Takes a dict: root, name, key, optional. */}}
{{- define "platform.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: { name: {{ .root.Values.existingSecret }}, key: {{ .key }}, optional: {{ .optional | default false }} }
{{- end }}

{{/* Returns the variables of the connection to Temporal. */}}
{{- define "platform.temporalEnv" -}}
{{- $temporal := .Values.temporal -}}
{{- $secured := or $temporal.tls.enabled (ne $temporal.authentication "none") -}}
- { name: TEMPORAL_ADDRESS, value: {{ required "temporal.address is not set: set it to the address of Temporal's frontend" $temporal.address | quote }} }
- { name: TEMPORAL_NAMESPACE, value: {{ $temporal.namespace | quote }} }
{{- with $temporal.uiUrl }}
- { name: TEMPORAL_UI_URL, value: {{ . | quote }} }
{{- end }}
{{- if $secured }}
- { name: TEMPORAL_TLS, value: 'true' }
{{- end }}
{{- with $temporal.tls.serverName }}
- { name: TEMPORAL_TLS_SERVER_NAME, value: {{ . | quote }} }
{{- end }}
{{- if $temporal.tls.secretName }}
- { name: TEMPORAL_TLS_SERVER_CA_CERT_PATH, value: /etc/temporal/ca.crt }
{{- end }}
{{- if eq $temporal.authentication "certificate" }}
{{- if not $temporal.tls.secretName }}
{{ fail "temporal.tls.secretName is not set, and temporal.authentication is certificate: set it to a Secret with ca.crt, tls.crt and tls.key" }}
{{- end }}
- { name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: /etc/temporal/tls.crt }
- { name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: /etc/temporal/tls.key }
{{- end }}
{{- if eq $temporal.authentication "apiKey" }}
{{ include "platform.secretVariable" (dict "root" . "name" "TEMPORAL_API_KEY" "key" "temporal-api-key") }}
{{- end }}
{{- end }}

{{/* Returns the variable with the id of the installation, or nothing. */}}
{{- define "platform.installationEnv" -}}
{{- with .Values.installationId }}
- { name: INSTALLATION_ID, value: {{ lower . | quote }} }
{{- end }}
{{- end }}

{{/* Returns the first part of the names of the task queues. Fails with one sentence when the chart does not know it. */}}
{{- define "platform.taskQueuePrefix" -}}
{{- $command := printf "kubectl -n %s logs deployment/%s-api | grep -o '\"installation\":\"[^\"]*'" .Release.Namespace (include "platform.name" .) -}}
{{ lower (required (printf "installationId is not set, and KEDA needs it for the names of the task queues: for a new database, set it to the output of `uuidgen`; for a platform that runs, `%s` prints it" $command) .Values.installationId) }}
{{- end }}

{{/* Returns `true` when a component sends traces, or nothing. Takes a dict: root, component. */}}
{{- define "platform.sendsTraces" -}}
{{- $settings := merge (dict) (index .root.Values .component).settings .root.Values.settings -}}
{{- if or $settings.OTEL_EXPORTER_OTLP_ENDPOINT $settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT -}}
true
{{- end -}}
{{- end }}

{{/* Returns the variables that API and worker have in common. Takes a dict: root, component. */}}
{{- define "platform.sharedEnv" -}}
{{- $component := . -}}
{{- with .root }}
{{- include "platform.installationEnv" . }}
{{- include "platform.caEnv" . }}
{{ include "platform.temporalEnv" . }}
{{- with .Values.stores.domain }}
- { name: STORE_DOMAIN, value: {{ . | quote }} }
{{- end }}
- { name: STORE_SCHEME, value: {{ .Values.stores.scheme }} }
{{- with .Values.stores.port }}
- { name: STORE_PORT, value: {{ . | quote }} }
{{- end }}
{{ include "platform.secretVariable" (dict "root" . "name" "WEBHOOK_SECRET_KEY" "key" "webhook-secret-key" "optional" true) }}
{{- if include "platform.sendsTraces" $component }}
{{ include "platform.secretVariable" (dict "root" . "name" "OTEL_EXPORTER_OTLP_HEADERS" "key" "otlp-headers" "optional" true) }}
{{ include "platform.secretVariable" (dict "root" . "name" "OTEL_EXPORTER_OTLP_TRACES_HEADERS" "key" "otlp-traces-headers" "optional" true) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Returns settings as variables, in the order of their names. */}}
{{- define "platform.settingsEnv" -}}
{{- range $name, $value := . }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end }}

{{/* Returns the variable with the certificate authorities that a process trusts in addition to the public ones, or nothing. */}}
{{- define "platform.caEnv" -}}
{{- if .Values.caSecretName }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/ca/ca.crt }
{{- end }}
{{- end }}
{{- define "platform.caMount" -}}
{{- if .Values.caSecretName }}
- { name: ca, mountPath: /etc/ca, readOnly: true }
{{- end }}
{{- end }}
{{- define "platform.caVolume" -}}
{{- with .Values.caSecretName }}
- name: ca
  secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- end }}

{{/* Returns the mounts of a container and the volumes of its pod. */}}
{{- define "platform.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- include "platform.caMount" . }}
{{- if .Values.temporal.tls.secretName }}
- { name: temporal-tls, mountPath: /etc/temporal, readOnly: true }
{{- end }}
{{- end }}
{{- define "platform.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
{{- include "platform.caVolume" . }}
{{- with .Values.temporal.tls.secretName }}
- name: temporal-tls
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- end }}
