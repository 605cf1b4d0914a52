{{/*
Returns the labels of one version of the worker. Takes a dict: root, version (name, buildId, image, replicas).
*/}}
{{- define "platform.versionLabels" -}}
{{ include "platform.selectorLabels" (dict "root" .root "component" "worker") }}
store-platform.dev/worker-version: {{ .version.name }}
{{- end }}

{{/*
Returns the variables of a worker. Takes a dict: root, version (buildId, image), managed: the Worker Controller sets the version and the
address of Temporal.
*/}}
{{- define "platform.workerEnv" -}}
{{- $ := .root -}}
{{- $version := .version -}}
{{- $worker := $.Values.worker -}}
- { name: KUBE_CONTEXT, value: in-cluster }
- { name: WORKER_HEALTH_HOST, value: 0.0.0.0 }
- { name: WORKER_HEALTH_PORT, value: '3002' }
- { name: SHUTDOWN_GRACE_SECONDS, value: {{ $worker.shutdownGraceSeconds | quote }} }
- { name: IMAGE_REGISTRY, value: {{ $.Values.imageRegistry | quote }} }
- { name: REQUIRE_IMAGE_DIGESTS, value: {{ $.Values.requireDigests | quote }} }
{{- if and $worker.versioning.enabled (not .managed) }}
- { name: WORKER_DEPLOYMENT, value: {{ include "platform.workerDeploymentName" $ | quote }} }
- { name: WORKER_BUILD_ID, value: {{ $version.buildId | quote }} }
{{- end }}
{{- with $.Values.stores.tlsIssuer }}
- { name: STORE_TLS_ISSUER, value: {{ . | quote }} }
{{- end }}
{{- with $.Values.stores.tlsSecret }}
- { name: STORE_TLS_SECRET, value: {{ . | quote }} }
{{- end }}
{{- if $.Values.stores.caSecretName }}
- { name: STORE_CA_FILE, value: /etc/store-ca/ca.crt }
{{- end }}
{{- if $.Values.stores.values }}
- { name: STORE_VALUES_FILE, value: /etc/store-values/values.json }
{{- end }}
{{ include "platform.secretVariable" (dict "root" $ "name" "DATABASE_URL" "key" "worker-database-url") }}
{{- include "platform.sharedEnv" (dict "root" $ "component" "worker" "managed" .managed) }}
{{- include "platform.settingsEnv" (merge dict $worker.settings $.Values.settings) }}
{{- end }}

{{/* Returns the pod template of a worker. Takes the same dict, and labels: those that select its pods. */}}
{{- define "platform.workerPods" -}}
{{- $ := .root -}}
{{- $version := .version -}}
{{- $worker := $.Values.worker -}}
{{- $selector := .labels -}}
{{- $reserved := list }}
{{- if .managed }}
{{- $reserved = list "WORKER_DEPLOYMENT" "WORKER_BUILD_ID" "TEMPORAL_ADDRESS" "TEMPORAL_NAMESPACE" "TEMPORAL_DEPLOYMENT_NAME" "TEMPORAL_WORKER_BUILD_ID" "TEMPORAL_API_KEY" "TEMPORAL_TLS" "TEMPORAL_TLS_SERVER_NAME" "TEMPORAL_TLS_CLIENT_CERT_PATH" "TEMPORAL_TLS_CLIENT_KEY_PATH" }}
{{- end -}}
metadata:
  labels:
    {{- $selector | nindent 4 }}
  annotations:
    store-platform.dev/store-values: {{ toJson $.Values.stores.values | sha256sum }}
    {{- with $worker.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "platform.podBasics" (dict "root" $ "component" "worker" "token" true) | nindent 2 }}
  {{- include "platform.spread" (dict "root" $ "component" "worker" "labels" $selector) | trim | nindent 2 }}
  {{- include "platform.placement" $worker | nindent 2 }}
  # The time of running activities, and 25 s in which they are cancelled and the connections are closed.
  terminationGracePeriodSeconds: {{ add 25 $worker.shutdownGraceSeconds }}
  containers:
    - name: worker
      image: {{ include "platform.image" (dict "root" $ "image" $version.image) }}
      imagePullPolicy: {{ $version.image.pullPolicy | default $.Values.image.pullPolicy }}
      command: [node, dist/worker/main.js]
      env:
        {{- include "platform.env" (dict "env" (include "platform.workerEnv" .) "extra" $worker.extraEnv "key" "worker.extraEnv" "reserved" $reserved) | nindent 8 }}
      ports:
        - { name: health, containerPort: 3002 }
      # /healthz asks the process only, because a restart would not repair Postgres, Temporal or the Kubernetes API. The worker
      # waits for them for about a minute before it serves it.
      startupProbe:
        httpGet: { path: /healthz, port: health }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 150
      readinessProbe:
        httpGet: { path: /readyz, port: health }
        periodSeconds: 10
        timeoutSeconds: 4
        failureThreshold: 3
      livenessProbe:
        httpGet: { path: /healthz, port: health }
        periodSeconds: 15
        timeoutSeconds: 5
        failureThreshold: 4
      resources:
        {{- toYaml $worker.resources | nindent 8 }}
      securityContext:
        {{- include "platform.containerSecurity" $ | nindent 8 }}
      volumeMounts:
        {{- include "platform.mounts" (dict "root" $ "values" $worker "managed" .managed) | nindent 8 }}
        {{- if $.Values.stores.values }}
        - { name: store-values, mountPath: /etc/store-values, readOnly: true }
        {{- end }}
        {{- if $.Values.stores.caSecretName }}
        - { name: store-ca, mountPath: /etc/store-ca, readOnly: true }
        {{- end }}
  volumes:
    {{- include "platform.volumes" (dict "root" $ "values" $worker "managed" .managed) | nindent 4 }}
    {{- if $.Values.stores.values }}
    - name: store-values
      configMap: { name: {{ include "platform.name" $ }}-store-values }
    {{- end }}
    {{- with $.Values.stores.caSecretName }}
    - name: store-ca
      secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
    {{- end }}
{{- end }}

{{/* Returns the Deployment of one version of the worker. Takes the same dict. */}}
{{- define "platform.workerDeployment" -}}
{{- $ := .root -}}
{{- $version := .version -}}
{{- $worker := $.Values.worker -}}
{{- $selector := include "platform.versionLabels" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $version.name }}
  labels:
    {{- include "platform.labels" (dict "root" $ "component" "worker") | nindent 4 }}
    store-platform.dev/worker-version: {{ $version.name }}
spec:
  {{- if not $worker.keda.enabled }}
  replicas: {{ $version.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- $selector | nindent 6 }}
  template:
    {{- include "platform.workerPods" (dict "root" $ "version" $version "labels" $selector) | nindent 4 }}
{{- end }}

{{/* Returns the ScaledObject of one version of the worker. Takes the same dict. */}}
{{- define "platform.workerScaledObject" -}}
{{- $ := .root -}}
{{- $version := .version -}}
{{- $worker := $.Values.worker -}}
{{- if and $.Values.temporal.tls.enabled (eq $.Values.temporal.authentication "none") -}}
{{ fail "worker.keda.enabled needs temporal.authentication: apiKey or certificate when temporal.tls.enabled is true, because the scaler of KEDA uses TLS only with a credential" }}
{{- end -}}
{{- $installation := include "platform.taskQueuePrefix" $ -}}
{{- $cluster := include "platform.clusterName" $ -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ .version.name }}
  labels:
    {{- include "platform.labels" (dict "root" $ "component" "worker") | nindent 4 }}
spec:
  scaleTargetRef: { name: {{ .version.name }} }
  minReplicaCount: {{ $worker.keda.minReplicas }}
  maxReplicaCount: {{ $worker.keda.maxReplicas }}
  # Activities run for minutes, and a worker that stops moves them to another one.
  cooldownPeriod: 600
  triggers:
    {{- range $queue := list "control" (printf "%s/helm" $cluster) (printf "%s/watch" $cluster) "webhook" }}
    - type: temporal
      metadata:
        endpoint: {{ $.Values.temporal.address | quote }}
        namespace: {{ $.Values.temporal.namespace | quote }}
        taskQueue: {{ printf "%s/%s" $installation $queue | quote }}
        queueTypes: {{ ternary "workflow" "activity" (eq $queue "control") }}
        targetQueueSize: {{ $worker.keda.targetQueueSize | quote }}
        {{- with $.Values.temporal.tls.serverName }}
        tlsServerName: {{ . | quote }}
        {{- end }}
        {{- if $worker.versioning.enabled }}
        workerDeploymentName: {{ include "platform.workerDeploymentName" $ | quote }}
        workerDeploymentBuildId: {{ $version.buildId | quote }}
        {{- end }}
      {{- if ne $.Values.temporal.authentication "none" }}
      authenticationRef: { name: {{ include "platform.name" $ }}-worker }
      {{- end }}
    {{- end }}
{{- end }}
