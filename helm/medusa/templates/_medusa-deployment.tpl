{{/* Deployment of a Medusa process. Takes a dict: root, component (server or worker), admin (whether it serves the admin pages). */}}
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
    # Customers are served without it: what it does, it does after their orders.
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
      # Requests and jobs in flight end by themselves after SIGTERM, without a bound of Medusa's own: the server has 5 s until no new
      # ones come, and 25 s.
      terminationGracePeriodSeconds: 30
      containers:
        - name: medusa
          image: {{ include "medusa.image" (dict "root" $ "image" $.Values.image) }}
          imagePullPolicy: {{ $.Values.image.pullPolicy }}
          # Loads its code at once, and goes on when it is its turn: the server when the set-up Job of this very release has migrated
          # the database, the worker when it has filled the shop.
          command: [node, src/setup/start.js]
          {{- include "medusa.env" $ | nindent 10 }}
            - { name: MEDUSA_WORKER_MODE, value: {{ .component }} }
            - { name: SETUP_REVISION, value: {{ include "medusa.setupRevision" $ | quote }} }
            - { name: SETUP_TIMEOUT_SECONDS, value: {{ add (int $.Values.setup.activeDeadlineSeconds) 60 | quote }} }
            - { name: DISABLE_MEDUSA_ADMIN, value: {{ not .admin | quote }} }
            - { name: NODE_OPTIONS, value: --max-old-space-size=320 }
          ports:
            - { name: http, containerPort: 9000 }
          # /health answers once Medusa has started and says nothing of Postgres or Redis: a restart would not bring those back. The
          # program itself gives up on a set-up that does not come, and on a start that takes more than three minutes.
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
              # Endpoints are updated while the pod is already stopping; until then requests still come in.
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
