{{/*
Returns the Deployment of a Medusa process.
Takes a dict: root, component (server or worker), admin (whether it serves the admin pages).
*/}}
{{- define "medusa.deployment" -}}
{{- $ := .root -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .component }}
  labels:
    {{- include "medusa.labels" (dict "root" $ "component" .component) | nindent 4 }}
  {{- if eq .component "worker" }}
  annotations:
    # The worker processes orders after checkout, so a store can take orders without it.
    store-platform.dev/required-for-checkout: 'false'
  {{- end }}
spec:
  replicas: 1
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "medusa.selectorLabels" (dict "root" $ "component" .component) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "medusa.podLabels" (dict "root" $ "component" .component) | nindent 8 }}
        store-platform.dev/volume: static
      annotations:
        store-platform.dev/config: {{ include "medusa.configData" $ | sha256sum }}
    spec:
      {{- include "medusa.podBasics" (dict "root" $ "user" 1000 "group" 1000) | nindent 6 }}
      {{- with include "medusa.staticAffinity" $ }}
      {{- . | nindent 6 }}
      {{- end }}
      # After SIGTERM Medusa finishes requests and jobs in flight and has no timeout of its own. The server has 5 s until it is
      # removed from the endpoints, and 25 s to finish.
      terminationGracePeriodSeconds: 30
      containers:
        - name: medusa
          image: {{ include "medusa.image" (dict "root" $ "image" $.Values.image) }}
          imagePullPolicy: {{ $.Values.image.pullPolicy }}
          # Loads its modules first. The server starts when the setup Job of this release has migrated the database, the worker
          # when the Job has filled the shop.
          command: [node, src/setup/start.js]
          {{- include "medusa.env" $ | nindent 10 }}
            - { name: MEDUSA_WORKER_MODE, value: {{ .component }} }
            - { name: SETUP_REVISION, value: {{ include "medusa.setupRevision" $ | quote }} }
            - { name: SETUP_TIMEOUT_SECONDS, value: {{ add (int $.Values.setup.activeDeadlineSeconds) 60 | quote }} }
            - { name: DISABLE_MEDUSA_ADMIN, value: {{ not .admin | quote }} }
            - { name: NODE_OPTIONS, value: --max-old-space-size=320 }
          ports:
            - { name: http, containerPort: 9000 }
          # /health answers when Medusa has started. It does not check Postgres or Redis, because a restart would not repair them.
          # The process exits by itself when the setup does not finish in time or its own start takes more than three minutes.
          startupProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 1
            timeoutSeconds: 2
            failureThreshold: {{ add (int $.Values.setup.activeDeadlineSeconds) 300 }}
          readinessProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 3
          livenessProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 15
            timeoutSeconds: 5
            failureThreshold: 4
          {{- if eq .component "server" }}
          lifecycle:
            preStop:
              # Kubernetes updates the endpoints while the pod is already terminating. Until then the pod receives requests.
              exec: { command: [sleep, '5'] }
          {{- end }}
          resources:
            {{- toYaml (index $.Values .component).resources | nindent 12 }}
          securityContext:
            {{- include "medusa.containerSecurity" $ | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            - { name: static, mountPath: /app/static }
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 256Mi }
        - name: static
          persistentVolumeClaim: { claimName: static }
{{- end }}
